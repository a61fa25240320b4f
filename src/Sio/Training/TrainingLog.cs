using System.Text.Json;

namespace Sio.Training;

/// <summary>
/// A run's <c>log.jsonl</c>: one JSON object per line, flushed to the file as it comes. On resuming, lines written after the checkpoint
/// are dropped, since those steps are done again.
/// </summary>
public sealed class TrainingLog : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Opens the log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keepBytes">How much of an existing log to keep.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public TrainingLog(string path, long keepBytes)
    {
        try
        {
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{path}: cannot be written ({error.Message})", error);
        }

        _stream.SetLength(Math.Min(keepBytes, _stream.Length));
        _stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => _stream.Length;

    /// <summary>Waits until all lines are on the disk: a checkpoint that knows of them must not outlive them.</summary>
    public void Sync() => _stream.Flush(flushToDisk: true);

    /// <summary>Adds a line.</summary>
    /// <param name="entry">Any serialisable object; its properties become keys.</param>
    public void Write<T>(T entry)
    {
        _stream.Write(JsonSerializer.SerializeToUtf8Bytes(entry));
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
