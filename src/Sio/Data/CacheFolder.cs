namespace Sio.Data;

/// <summary>Where a user's caches are: <c>XDG_CACHE_HOME</c>, else <c>~/.cache</c>.</summary>
internal static class CacheFolder
{
    /// <summary>The user's folder, whether it is there or not.</summary>
    internal static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <summary>The folder, by the environment.</summary>
    /// <param name="variable">An environment variable's value.</param>
    /// <param name="home">The user's folder, as the system has it.</param>
    /// <param name="instead">The variable that names the folder in question itself, for the message.</param>
    /// <exception cref="DataException">No variable has an absolute path.</exception>
    internal static string Of(Func<string, string?> variable, string home, string instead)
    {
        // A relative path there is to be ignored, says the XDG Base Directory Specification.
        if (variable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
            return xdg;
        return Path.IsPathRooted(home)
            ? Path.Combine(home, ".cache")
            : throw new DataException($"there is no home folder to keep files in: HOME is '{home}'; set HOME, XDG_CACHE_HOME or {instead} to an absolute path");
    }
}
