namespace Sio.Data.Store;

/// <summary>Paths that others wrote, in archives and lists: they may only lead down from a folder.</summary>
internal static class SafePath
{
    private const int MaxName = 255, MaxPath = 2000;

    /// <summary>Refuses a path that is absolute, leads upwards, or has names that are no plain file names.</summary>
    /// <param name="path">With '/' between names.</param>
    /// <returns>The path.</returns>
    /// <exception cref="DataException">It is refused.</exception>
    internal static string Check(string path)
    {
        var reason = path.Length is 0 or > MaxPath ? "is empty or too long"
            : path[0] == '/' ? "is absolute"
            : path.Contains('\\', StringComparison.Ordinal) || path.Any(char.IsControl) ? "has a backslash or control character"
            : path.Split('/').Any(name => name is "..") ? "leads out of its folder"
            : path.Split('/').Any(name => name is "" or "." || System.Text.Encoding.UTF8.GetByteCount(name) > MaxName) ? "has a name that is empty, '.', or too long"
            : path.Length > 1 && path[1] == ':' ? "names a drive"
            : null;
        if (reason is not null)
            throw new DataException($"the path {DataFile.Quote(path)} {reason}: refused");
        return path;
    }

    /// <summary>A path of an archive without what carries no meaning: "./" before and "/" behind it.</summary>
    /// <returns>The path, empty for the archive's root.</returns>
    /// <exception cref="DataException">It is refused.</exception>
    internal static string Clean(string path)
    {
        var rest = path;
        while (rest.StartsWith("./", StringComparison.Ordinal))
            rest = rest[2..];
        rest = rest.EndsWith('/') ? rest[..^1] : rest;
        if (rest is "" or ".")
            return path is "/" ? throw new DataException("the path '/' is absolute: refused") : string.Empty;
        return Check(rest);
    }
}
