using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sio.Data;

/// <summary>
/// Reads and writes <c>.npy</c> files, NumPy's format for one array (NumPy Enhancement Proposal 1). Read: versions 1.0,
/// 2.0 and 3.0, C and Fortran order, little and big endian, booleans, integers of 1 to 8 bytes and floats of 2, 4 and 8.
/// Object arrays (pickles), structured arrays and strings are refused. Written: version 1.0, C order, the machine's byte
/// order.
/// </summary>
public static class Npy
{
    /// <summary>Elements are moved in pieces: a span of bytes cannot cover more than 2 GiB.</summary>
    private const int ChunkElements = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The array in C order.</returns>
    /// <exception cref="DataException">
    /// The file is missing, truncated, followed by more bytes, malformed, or holds something other than numbers.
    /// </exception>
    public static NpyArray Read(string path) => DataFile.Read(path, stream => Read(stream, path));

    /// <summary>Reads a stream from its position to its end, which must hold one array and nothing else.</summary>
    /// <param name="stream">The stream; one that cannot be sought is first read into memory.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>The array in C order.</returns>
    /// <exception cref="DataException">As for <see cref="Read(string)"/>.</exception>
    public static NpyArray Read(Stream stream, string source = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        var known = DataFile.WithKnownLength(stream, source);
        return Read(known, known.Length - known.Position, source);
    }

    /// <summary>Reads a file's header and sees that the file has the length that it says; the elements are not read.</summary>
    /// <returns>
    /// Type and shape, and where the elements begin in bytes, or null where they do not stand in the file as they would in memory: in Fortran order or the other byte order.
    /// </returns>
    /// <exception cref="DataException">As for <see cref="Read(string)"/>.</exception>
    internal static (NpyType Type, long[] Shape, long? Offset) ReadHeader(string path) => DataFile.Read<(NpyType, long[], long?)>(path, stream =>
    {
        var counted = new ChecksumStream(DataFile.WithKnownLength(stream, path));
        var header = NpyHeader.Read(counted, path);
        var bytes = header.Shape.Aggregate((System.Numerics.BigInteger)header.Type.Size(), (product, size) => product * size);
        var found = stream.Length - counted.BytesRead;
        if (bytes != found)
        {
            throw new DataException(
                $"{path}: {(found < bytes ? "truncated" : "followed by more bytes")}, shape {NpyArray.FormatShape(header.Shape)} of {header.Type.Code()} takes {bytes} bytes, {found} found.");
        }

        var asInMemory = header.BigEndian != BitConverter.IsLittleEndian && !(header.FortranOrder && header.Shape.Length > 1);
        return (header.Type, header.Shape, asInMemory ? counted.BytesRead : null);
    });

    /// <summary>Writes a file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <typeparam name="T">The element type, one of those <see cref="NpyType"/> lists.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="data">The elements in C order.</param>
    /// <param name="shape">The size of each dimension; none given means one dimension of all elements.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many elements as there are, or the type is not supported.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write<T>(string path, ReadOnlySpan<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged => Write(path, NpyArray.Create(data.ToArray(), shape));

    /// <summary>Writes a file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="array">The array.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, NpyArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        AtomicFile.Write(path, stream => Write(stream, array));
    }

    /// <summary>Writes an array to a stream.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="array">The array.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, NpyArray array)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(array);
        new NpyHeader(array.Type, !BitConverter.IsLittleEndian, FortranOrder: false, array.Shape).Write(stream);
        switch (array.Type)
        {
            case NpyType.Bool: WriteElements(stream, array.Elements<bool>()); break;
            case NpyType.Int8: WriteElements(stream, array.Elements<sbyte>()); break;
            case NpyType.UInt8: WriteElements(stream, array.Elements<byte>()); break;
            case NpyType.Int16: WriteElements(stream, array.Elements<short>()); break;
            case NpyType.UInt16: WriteElements(stream, array.Elements<ushort>()); break;
            case NpyType.Int32: WriteElements(stream, array.Elements<int>()); break;
            case NpyType.UInt32: WriteElements(stream, array.Elements<uint>()); break;
            case NpyType.Int64: WriteElements(stream, array.Elements<long>()); break;
            case NpyType.UInt64: WriteElements(stream, array.Elements<ulong>()); break;
            case NpyType.Float16: WriteElements(stream, array.Elements<Half>()); break;
            case NpyType.Float32: WriteElements(stream, array.Elements<float>()); break;
            default: WriteElements(stream, array.Elements<double>()); break;
        }
    }

    /// <summary>Reads an array that must take exactly <paramref name="length"/> bytes, header included.</summary>
    internal static NpyArray Read(Stream stream, long length, string source)
    {
        var counted = new ChecksumStream(stream);
        try
        {
            var header = NpyHeader.Read(counted, source);
            var count = header.Count(source);
            // Checked before anything of that size is allocated.
            var (expected, found) = ((long)count * header.Type.Size(), length - counted.BytesRead);
            if (found != expected)
            {
                var what = found < expected ? "truncated" : "followed by more bytes";
                throw new DataException(
                    $"{source}: {what}, shape {NpyArray.FormatShape(header.Shape)} of {header.Type.Code()} takes {expected} bytes, {found} found.");
            }

            var data = ReadElements(stream, header, count, source);
            return new NpyArray(header.Type, data, header.Shape, source);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new DataException($"{source}: cannot be read ({DataFile.OneLine(e.Message)}).", e);
        }
    }

    private static Array ReadElements(Stream stream, NpyHeader header, int count, string source) => header.Type switch
    {
        NpyType.Bool => ReadBooleans(stream, header, count, source),
        NpyType.Int8 => ReadElements<sbyte>(stream, header, count, source),
        NpyType.UInt8 => ReadElements<byte>(stream, header, count, source),
        NpyType.Int16 => ReadElements<short>(stream, header, count, source),
        NpyType.UInt16 => ReadElements<ushort>(stream, header, count, source),
        NpyType.Int32 => ReadElements<int>(stream, header, count, source),
        NpyType.UInt32 => ReadElements<uint>(stream, header, count, source),
        NpyType.Int64 => ReadElements<long>(stream, header, count, source),
        NpyType.UInt64 => ReadElements<ulong>(stream, header, count, source),
        NpyType.Float16 => ReadElements<Half>(stream, header, count, source),
        NpyType.Float32 => ReadElements<float>(stream, header, count, source),
        _ => ReadElements<double>(stream, header, count, source),
    };

    private static T[] ReadElements<T>(Stream stream, NpyHeader header, int count, string source)
        where T : unmanaged
    {
        var data = new T[count];
        for (var start = 0; start < count; start += ChunkElements)
        {
            var chunk = data.AsSpan(start, Math.Min(ChunkElements, count - start));
            DataFile.ReadExactly(stream, MemoryMarshal.AsBytes(chunk), source, "elements");
            if (header.BigEndian == BitConverter.IsLittleEndian)
                ReverseBytes(chunk);
        }

        return header.FortranOrder ? FortranToC(data, header.Shape) : data;
    }

    private static bool[] ReadBooleans(Stream stream, NpyHeader header, int count, string source)
    {
        // Any byte but 0 is true for NumPy; a C# bool made of such a byte would misbehave.
        var bytes = ReadElements<byte>(stream, header, count, source);
        return Array.ConvertAll(bytes, b => b != 0);
    }

    private static void WriteElements<T>(Stream stream, T[] data)
        where T : unmanaged
    {
        for (var start = 0; start < data.Length; start += ChunkElements)
            stream.Write(MemoryMarshal.AsBytes(data.AsSpan(start, Math.Min(ChunkElements, data.Length - start))));
    }

    private static unsafe void ReverseBytes<T>(Span<T> values)
        where T : unmanaged
    {
        switch (sizeof(T))
        {
            case 2:
                var shorts = MemoryMarshal.Cast<T, ushort>(values);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<T, uint>(values);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<T, ulong>(values);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    /// <summary>Reorders elements stored with the first index running fastest.</summary>
    private static T[] FortranToC<T>(T[] data, long[] shape)
    {
        if (shape.Length < 2 || data.Length == 0)
            return data;

        var strides = new long[shape.Length];
        strides[0] = 1;
        for (var d = 1; d < shape.Length; d++)
            strides[d] = strides[d - 1] * shape[d - 1];

        var result = new T[data.Length];
        var index = new long[shape.Length];
        long from = 0;
        for (var to = 0; to < result.Length; to++)
        {
            result[to] = data[from];
            // Count up like an odometer, last index first, and keep the place in the stored order in step.
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                from += strides[d];
                if (++index[d] < shape[d])
                    break;
                from -= strides[d] * shape[d];
                index[d] = 0;
            }
        }

        return result;
    }
}
