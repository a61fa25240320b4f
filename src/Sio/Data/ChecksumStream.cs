namespace Sio.Data;

/// <summary>
/// Passes reads through and keeps their CRC-32. .NET's zip reader does not compare an entry's checksum, and its gzip reader
/// accepts a missing trailer.
/// </summary>
internal sealed class ChecksumStream(Stream inner) : Stream
{
    private Crc32 _crc;

    /// <summary>CRC-32 of the bytes read so far.</summary>
    public uint Checksum => _crc.Value;

    /// <summary>How many bytes were read so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        _crc.Append(buffer[..read]);
        BytesRead += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
