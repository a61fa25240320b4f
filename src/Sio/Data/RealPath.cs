namespace Sio.Data;

/// <summary>Where a path leads, all links on it followed: two paths to one folder are the same text.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The path without links. What cannot be followed stays as it is: reading it says why.</summary>
    internal static string Of(string path)
    {
        var links = 0;
        return Resolve(Path.GetFullPath(path), ref links);
    }

    private static string Resolve(string full, ref int links)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(full));
        if (parent is null)
            return full;
        var place = Path.Combine(Resolve(parent, ref links), Path.GetFileName(Path.TrimEndingDirectorySeparator(full)));
        var target = links < MostLinks ? Target(place) : null;
        if (target is null)
            return place;
        links++;
        return Resolve(Path.GetFullPath(target, Path.GetDirectoryName(place)!), ref links);
    }

    private static string? Target(string place)
    {
        try
        {
            return new FileInfo(place).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
