using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>The folder that a target reads in: what stands beside the input is written once, and put right again after each.</summary>
internal sealed class TargetFolder : IDisposable
{
    private readonly Dictionary<string, byte[]> _others = new(StringComparer.Ordinal);

    internal TargetFolder(FuzzTarget target)
    {
        Path = Directory.CreateTempSubdirectory($"sio-fuzz-{target.Name}-").FullName;
        target.Prepare(Path);
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
            _others[System.IO.Path.GetRelativePath(Path, file)] = File.ReadAllBytes(file);
    }

    internal string Path { get; }

    /// <summary>Writes an input, hands its path on, and takes it away again.</summary>
    internal T With<T>(string file, byte[] bytes, Func<string, T> use)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        try
        {
            return use(path);
        }
        finally
        {
            if (_others.TryGetValue(file, out var before))
                File.WriteAllBytes(path, before);
            else
                File.Delete(path);
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A reader that hangs holds its file, on Windows.
        }
    }
}
