namespace Sio.Training;

/// <summary>
/// A run's <c>tensorboard/</c> folder: one event file, in the record format of TFRecord, of scalars that TensorBoard draws over the steps. As with the log, what was written after the checkpoint
/// is dropped on resuming.
/// </summary>
internal sealed class TensorBoardLog : IDisposable
{
    // TensorBoard takes any file with "tfevents" in its name for one; always the same name is found again on resuming.
    private const string FileName = "events.out.tfevents.0.sio";

    private readonly FileStream _stream;

    /// <summary>Opens the file; its folder is made where it is missing.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="keepBytes">How much of an existing file to keep.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    internal TensorBoardLog(string folder, long keepBytes)
    {
        var path = FilePath(folder);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{path}: cannot be written ({error.Message})", error);
        }

        _stream.SetLength(Math.Min(keepBytes, _stream.Length));
        _stream.Seek(0, SeekOrigin.End);
        if (_stream.Length == 0)
            Append(TensorBoardEvent.FileVersion(Now));
    }

    /// <summary>Bytes written so far.</summary>
    internal long Length => _stream.Length;

    private static double Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>The event file of a run's folder.</summary>
    internal static string FilePath(string folder) => Path.Combine(folder, "tensorboard", FileName);

    /// <summary>Removes the event file of a run's folder, where there is one.</summary>
    internal static void Delete(string folder)
    {
        if (File.Exists(FilePath(folder)))
            File.Delete(FilePath(folder));
    }

    /// <summary>Waits until all records are on the disk.</summary>
    internal void Sync() => _stream.Flush(flushToDisk: true);

    /// <summary>Writes values of a step.</summary>
    internal void Write(long step, IReadOnlyList<(string Tag, double Value)> values) => Append(TensorBoardEvent.Scalars(Now, step, values));

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Append(byte[] content)
    {
        _stream.Write(TensorBoardRecord.Frame(content));
        _stream.Flush();
    }
}
