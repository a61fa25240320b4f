namespace Sio.Cli;

/// <summary>Standard output where it goes to a file or a pipe: a full disk, or an output that was closed, is called that.</summary>
internal sealed class StandardOutput(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Puts it in the console's place. A terminal stays as it is: it has an encoding of its own on Windows.</summary>
    internal static void Watch()
    {
        if (Console.IsOutputRedirected)
            Console.SetOut(new StreamWriter(new StandardOutput(Console.OpenStandardOutput())) { AutoFlush = true });
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException("standard output is closed: nothing can be printed", error);
        }
        catch (IOException error)
        {
            throw new IOException($"standard output cannot be written: {error.Message}", error);
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
