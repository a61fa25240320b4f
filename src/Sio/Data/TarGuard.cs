using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sio.Data;

/// <summary>
/// A tar archive on its way to .NET's reader, which takes two things on trust. It reads what stands in place of a header (long names, attributes) into memory of the size that the archive claims, up to
/// 2 GB, before it looks whether that much is there; and it does not compare the headers' sums, so that an entry of another name or size is taken for the archive's. Both are refused here.
/// </summary>
/// <param name="inner">The archive; it stays open.</param>
internal sealed class TarGuard(Stream inner) : Stream
{
    private const int Block = 512, SizeAt = 124, SizeBytes = 12, SumAt = 148, SumBytes = 8, TypeAt = 156;

    // Paths have some thousand characters at most, and attributes are a few lines.
    private const long MostBytes = 1 << 20;

    // Types of entries that belong to the header of the next one: attributes, for all that follow or for one, and GNU's long names.
    private const string Attributes = "xX", OfHeader = Attributes + "gLK";

    private readonly byte[] _header = new byte[Block];
    private byte[] _content = [];
    private long? _sizeOfNext;
    private long _at = inner.CanSeek ? inner.Position : 0;
    private long _next = inner.CanSeek ? inner.Position : 0;

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => _at;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        Watch(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => _at = inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // Content up to the next header, then the header, however the bytes are cut into pieces.
    private void Watch(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var inHeader = _at >= _next;
            var count = (int)Math.Min(bytes.Length, inHeader ? _next + Block - _at : _next - _at);
            if (count <= 0)
                return; // the archive's end was passed
            if (inHeader)
                bytes[..count].CopyTo(_header.AsSpan((int)(_at - _next)));
            else
                Keep(bytes[..count]);
            _at += count;
            bytes = bytes[count..];
            if (inHeader && _at == _next + Block)
                Header();
        }
    }

    private void Header()
    {
        if (!_header.AsSpan().ContainsAnyExcept((byte)0))
        {
            // The end: what follows is nobody's.
            _next = long.MaxValue - Block;
            return;
        }

        if (!HasSum())
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the header at byte {_next} has another sum than it says"));
        var type = (char)_header[TypeAt];
        var isOfHeader = OfHeader.Contains(type, StringComparison.Ordinal);
        var size = Number(_header.AsSpan(SizeAt, SizeBytes));
        if (isOfHeader && size is < 0 or > MostBytes)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the name or the attributes of an entry would take {size} bytes, at most {MostBytes} are read"));
        if (!isOfHeader)
            (size, _sizeOfNext) = (_sizeOfNext ?? size, null);
        _content = Attributes.Contains(type, StringComparison.Ordinal) ? new byte[size] : [];

        // Where a size makes no sense, .NET's reader says so.
        _next = size is >= 0 and < long.MaxValue / 2 ? _at + ((size + Block - 1) / Block * Block) : long.MaxValue - Block;
    }

    // Attributes may have another size than the header has room for.
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_content.Length == 0)
            return;
        var start = (int)(_at - (_next - ((_content.Length + Block - 1) / Block * Block)));
        if (start < _content.Length)
            bytes[..Math.Min(bytes.Length, _content.Length - start)].CopyTo(_content.AsSpan(start));
        if (start + bytes.Length < _content.Length)
            return;
        foreach (var line in Encoding.UTF8.GetString(_content).Split('\n'))
        {
            if (line.IndexOf(" size=", StringComparison.Ordinal) is > 0 and var place && long.TryParse(line.AsSpan(place + 6), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                _sizeOfNext = size;
        }

        _content = [];
    }

    // The sum of the header's bytes, its own place counted as blanks. Old programs added them as signed numbers.
    private bool HasSum()
    {
        long sum = SumBytes * ' ', signed = sum;
        for (var i = 0; i < Block; i++)
        {
            if (i is >= SumAt and < SumAt + SumBytes)
                continue;
            sum += _header[i];
            signed += (sbyte)_header[i];
        }

        var stored = Number(_header.AsSpan(SumAt, SumBytes));
        return stored == sum || stored == signed;
    }

    // Octal digits up to a blank or zero, or, with the first bit set, a number in base 256; −1 for what is neither.
    private static long Number(ReadOnlySpan<byte> field)
    {
        if (field.Length == SizeBytes && (field[0] & 0x80) != 0)
            return field[0] != 0x80 || field[1..4].ContainsAnyExcept((byte)0) || (field[4] & 0x80) != 0 ? -1 : BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        var digits = field.TrimStart((byte)' ');
        var end = digits.IndexOfAny((byte)' ', (byte)0);
        var number = 0L;
        foreach (var c in end < 0 ? digits : digits[..end])
        {
            if (c is < (byte)'0' or > (byte)'7')
                return -1;
            number = (number * 8) + (c - '0');
        }

        return number;
    }
}
