using System.Buffers.Binary;
using System.IO.Compression;

namespace Sio.Data;

/// <summary>
/// Reads IDX files, the format of MNIST and its kin (LeCun, Cortes and Burges, "The MNIST database of handwritten
/// digits"), raw or gzipped; which of the two is seen from the first bytes, not from the name.
/// </summary>
public static class Idx
{
    private const byte UnsignedBytes = 0x08;

    /// <summary>Reads the labels of an IDX1 file of unsigned bytes.</summary>
    /// <param name="path">The file, raw or gzipped.</param>
    /// <returns>One label per image, 0 to 255.</returns>
    /// <exception cref="DataException">The file is missing, truncated, followed by more bytes, damaged or of another kind.</exception>
    public static byte[] ReadLabels(string path) => DataFile.Read(path, stream => ReadLabels(stream, path));

    /// <summary>Reads the labels of an IDX1 stream of unsigned bytes.</summary>
    /// <param name="stream">The stream, raw or gzipped; one that cannot be sought is first read into memory.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>One label per image, 0 to 255.</returns>
    /// <exception cref="DataException">As for <see cref="ReadLabels(string)"/>.</exception>
    public static byte[] ReadLabels(Stream stream, string source = "stream") => Read(stream, 1, source).Data;

    /// <summary>Reads the images of an IDX3 file of unsigned bytes.</summary>
    /// <param name="path">The file, raw or gzipped.</param>
    /// <exception cref="DataException">The file is missing, truncated, followed by more bytes, damaged or of another kind.</exception>
    public static IdxImages ReadImages(string path) => DataFile.Read(path, stream => ReadImages(stream, path));

    /// <summary>Reads the images of an IDX3 stream of unsigned bytes.</summary>
    /// <param name="stream">The stream, raw or gzipped; one that cannot be sought is first read into memory.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="DataException">As for <see cref="ReadImages(string)"/>.</exception>
    public static IdxImages ReadImages(Stream stream, string source = "stream")
    {
        var (sizes, data) = Read(stream, 3, source);
        return new IdxImages(data, sizes[0], sizes[1], sizes[2]);
    }

    private static (int[] Sizes, byte[] Data) Read(Stream stream, int dimensions, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var known = DataFile.WithKnownLength(stream, source);
        try
        {
            var start = known.Position;
            Span<byte> magic = stackalloc byte[2];
            var gzipped = known.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
            known.Position = start;
            return gzipped ? ReadGzip(known, dimensions, source) : ReadRaw(known, dimensions, source);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new DataException($"{source}: is not a complete, undamaged IDX file ({DataFile.OneLine(e.Message)}).", e);
        }
    }

    private static (int[] Sizes, byte[] Data) ReadRaw(Stream stream, int dimensions, string source)
    {
        var (sizes, length) = ReadHeader(stream, dimensions, source);
        var found = stream.Length - stream.Position;
        if (found != length)
            throw WrongLength(source, sizes, length, found < length ? $"{found} found" : $"{found - length} more follow");
        var data = new byte[length];
        DataFile.ReadExactly(stream, data, source, "content");
        return (sizes, data);
    }

    private static (int[] Sizes, byte[] Data) ReadGzip(Stream stream, int dimensions, string source)
    {
        var packed = stream.Length - stream.Position;
        var trailer = ReadGzipTrailer(stream, packed, source);
        using var gzip = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        var content = new ChecksumStream(gzip);
        var (sizes, length) = ReadHeader(content, dimensions, source);
        // Deflate cannot expand further than this, so a larger claim needs no memory to be refuted.
        if (length > packed * DataFile.MaxDeflateRatio)
            throw WrongLength(source, sizes, length, $"at most {packed * DataFile.MaxDeflateRatio} can follow");

        var data = new byte[length];
        var found = content.ReadAtLeast(data, data.Length, throwOnEndOfStream: false);
        if (found < length)
            throw WrongLength(source, sizes, length, $"{found} found");
        if (content.ReadByte() >= 0)
            throw WrongLength(source, sizes, length, "more follow");
        // .NET's reader accepts a missing trailer and ignores what follows it.
        if (trailer != (content.Checksum, (uint)content.BytesRead))
            throw new DataException($"{source}: its gzip trailer does not match its content; the file is truncated, damaged or followed by other bytes.");
        return (sizes, data);
    }

    /// <summary>The last eight bytes: CRC-32 of the content and its length modulo 2³².</summary>
    private static (uint Checksum, uint Length) ReadGzipTrailer(Stream stream, long packed, string source)
    {
        Span<byte> trailer = stackalloc byte[8];
        if (packed < trailer.Length)
            throw new DataException($"{source}: truncated, a gzip file was expected.");
        var start = stream.Position;
        stream.Position = start + packed - trailer.Length;
        DataFile.ReadExactly(stream, trailer, source, "gzip trailer");
        stream.Position = start;
        return (BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]));
    }

    private static (int[] Sizes, int Length) ReadHeader(Stream stream, int dimensions, string source)
    {
        Span<byte> magic = stackalloc byte[4];
        DataFile.ReadExactly(stream, magic, source, "header");
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != UnsignedBytes || magic[3] != dimensions)
        {
            throw new DataException(
                $"{source}: begins with {Convert.ToHexString(magic)}, 0000080{dimensions} was expected (IDX, unsigned bytes, {dimensions} dimension{(dimensions == 1 ? "" : "s")}).");
        }

        Span<byte> size = stackalloc byte[4];
        var sizes = new int[dimensions];
        long length = 1;
        for (var d = 0; d < dimensions; d++)
        {
            DataFile.ReadExactly(stream, size, source, "header");
            var value = BinaryPrimitives.ReadUInt32BigEndian(size);
            // A first dimension of 0 is an empty set; elsewhere it would be images without pixels.
            if (value > Array.MaxLength || (d > 0 && value == 0) || length * value > Array.MaxLength)
                throw new DataException($"{source}: dimension {d + 1} is {value}, which is out of range.");
            sizes[d] = (int)value;
            length *= value;
        }

        return (sizes, (int)length);
    }

    private static DataException WrongLength(string source, int[] sizes, int length, string found) =>
        new($"{source}: {string.Join('×', sizes)} bytes ({length}) expected after the header, {found}.");
}
