namespace Sio.Tests.Data;

/// <summary>A stream of unknown length that gives a few bytes at a time, as a pipe does.</summary>
internal sealed class PipeLikeStream(byte[] content) : MemoryStream(content)
{
    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 5)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 5));
}
