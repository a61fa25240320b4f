using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace Sio.Fuzz.Running;

/// <summary>What a child process tells the one that started it, in files, which outlive it however it ends.</summary>
internal sealed class ChildFolder : IDisposable
{
    private const int Numbers = 3;

    private readonly bool _isOwn;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _progress;

    /// <summary>Makes a folder for a child to be started.</summary>
    internal ChildFolder()
        : this(Directory.CreateTempSubdirectory("sio-fuzz-child-").FullName) => _isOwn = true;

    /// <summary>Opens a folder that this process was given.</summary>
    internal ChildFolder(string path)
    {
        Path = path;
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(System.IO.Path.Combine(path, "progress"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite), null, Numbers * sizeof(long), MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: false);
        _progress = _file.CreateViewAccessor();
    }

    internal string Path { get; }

    private string FindingsPath => System.IO.Path.Combine(Path, "findings.jsonl");

    /// <summary>The input that comes next, and how many were accepted and rejected.</summary>
    internal void WriteProgress(long next, long accepted, long rejected)
    {
        _progress.Write(0, next);
        _progress.Write(sizeof(long), accepted);
        _progress.Write(2 * sizeof(long), rejected);
    }

    internal (long Next, long Accepted, long Rejected) ReadProgress() => (_progress.ReadInt64(0), _progress.ReadInt64(sizeof(long)), _progress.ReadInt64(2 * sizeof(long)));

    internal void Write(Finding finding) => File.AppendAllText(FindingsPath, JsonSerializer.Serialize(finding) + "\n");

    internal IReadOnlyList<Finding> ReadFindings() =>
        File.Exists(FindingsPath) ? [.. File.ReadLines(FindingsPath).Select(line => JsonSerializer.Deserialize<Finding>(line)!)] : [];

    public void Dispose()
    {
        _progress.Dispose();
        _file.Dispose();
        if (_isOwn)
            Directory.Delete(Path, recursive: true);
    }
}
