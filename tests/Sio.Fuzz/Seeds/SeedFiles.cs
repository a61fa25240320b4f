namespace Sio.Fuzz.Seeds;

/// <summary>Files of other programs that lie beside this one.</summary>
internal static class SeedFiles
{
    internal static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Seeds", name));

    /// <summary>All files of a folder with an ending, in the order of their names.</summary>
    internal static IEnumerable<byte[]> ReadAll(string folder, string ending) =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Seeds", folder), "*" + ending).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
}
