namespace Sio.Data.Store;

/// <summary>
/// Passes a tar archive's bytes through and sees whether it has an end: at least one block of zeros. .NET's reader takes an archive that was cut off between two
/// entries for a whole one.
/// </summary>
internal sealed class EndWatch(Stream inner) : Stream
{
    private const int Block = 512;

    private long _read;
    private long _lastNonZero = -1;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        var last = buffer[..count].LastIndexOfAnyExcept((byte)0);
        if (last >= 0)
            _lastNonZero = _read + last;
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads what is left and looks for the end.</summary>
    /// <exception cref="DataException">There is none.</exception>
    internal void CheckEnd()
    {
        Span<byte> rest = stackalloc byte[4096];
        while (Read(rest) > 0)
        {
        }

        var afterContent = (_lastNonZero + Block) / Block * Block;
        if (_read - afterContent < Block)
            throw new DataException("is truncated: the end of the archive is missing");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
