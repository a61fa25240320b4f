using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Sio.Data;

/// <summary>
/// Reads numeric arrays of MATLAB files of version 5 (<c>save -v6</c> and <c>-v7</c>, with zlib-compressed elements), as "MAT-File Format" by The MathWorks describes them.
/// Version 7.3 is HDF5 and is refused by name.
/// </summary>
internal static class MatFile
{
    private const int HeaderBytes = 128, TagBytes = 8, MaxDimensions = 32;
    private const uint FirstNumericClass = 6, LastNumericClass = 15, ComplexFlag = 0x800;

    /// <summary>Reads arrays by name; others are passed over.</summary>
    /// <exception cref="DataException">The file is damaged or of another version, or an array is missing, complex or no numbers.</exception>
    internal static Dictionary<string, MatArray> Read(string path, params ReadOnlySpan<string> names)
    {
        var wanted = names.ToArray();
        return DataFile.Read(path, stream =>
        {
            CheckHeader(stream, path);
            var found = new Dictionary<string, MatArray>(StringComparer.Ordinal);
            while (found.Count < wanted.Length && ReadElement(stream, path) is { } element)
            {
                if (ReadArray(element, wanted, path) is { } array)
                    found[array.Name] = array;
            }

            var missing = Array.Find(wanted, name => !found.ContainsKey(name));
            return missing is null ? found : throw new DataException($"{path}: has no array '{missing}', {string.Join(" and ", wanted)} were expected");
        });
    }

    private static void CheckHeader(Stream stream, string path)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        DataFile.ReadExactly(stream, header, path, "a MATLAB file's header");
        var text = Encoding.ASCII.GetString(header[..20]);
        if (text.StartsWith("MATLAB 7.3", StringComparison.Ordinal))
            throw new DataException($"{path}: is a MATLAB file of version 7.3 (HDF5), version 5 was expected: save it with -v7");
        if (header[126] == 'M' && header[127] == 'I')
            throw new DataException($"{path}: is a big-endian MATLAB file, only little-endian ones are read");
        if (header[126] != 'I' || header[127] != 'M' || BinaryPrimitives.ReadUInt16LittleEndian(header[124..]) != 0x0100)
            throw new DataException($"{path}: is no MATLAB file of version 5");
    }

    // The content of the next matrix, unpacked where it is compressed; null at the file's end.
    private static byte[]? ReadElement(Stream stream, string path)
    {
        Span<byte> tag = stackalloc byte[TagBytes];
        var read = stream.ReadAtLeast(tag, TagBytes, throwOnEndOfStream: false);
        if (read == 0)
            return null;
        if (read < TagBytes)
            throw new DataException($"{path}: truncated, {TagBytes} bytes of an element's tag expected, {read} found.");
        var (type, length) = ((MatType)BinaryPrimitives.ReadUInt32LittleEndian(tag), BinaryPrimitives.ReadUInt32LittleEndian(tag[4..]));
        if (type is not (MatType.Matrix or MatType.Compressed))
            throw new DataException($"{path}: is damaged (an element of type {(uint)type} where an array should be)");
        if (length > stream.Length - stream.Position)
            throw new DataException($"{path}: truncated, an element of {length} bytes expected, {stream.Length - stream.Position} found.");
        if (type == MatType.Matrix)
            return Bytes(stream, length, path);
        var start = stream.Position;
        try
        {
            using var plain = new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
            DataFile.ReadExactly(plain, tag, path, "a compressed element's tag");
            var inner = BinaryPrimitives.ReadUInt32LittleEndian(tag[4..]);
            if ((MatType)BinaryPrimitives.ReadUInt32LittleEndian(tag) != MatType.Matrix || inner > length * DataFile.MaxDeflateRatio)
                throw new DataException($"{path}: is damaged (a compressed element that is no array, or claims {inner} bytes)");
            var bytes = Bytes(plain, inner, path);
            // To the end, so that zlib's own checksum is compared.
            if (plain.ReadByte() >= 0)
                throw new DataException($"{path}: is damaged (a compressed element is longer than it says)");
            stream.Position = start + length;
            return bytes;
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{path}: is damaged ({DataFile.OneLine(error.Message)})", error);
        }
    }

    private static byte[] Bytes(Stream stream, uint length, string path)
    {
        if (length > Array.MaxLength)
            throw new DataException($"{path}: has an array of {length} bytes, at most {Array.MaxLength} can be read");
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        DataFile.ReadExactly(stream, bytes, path, "an array");
        return bytes;
    }

    // Flags, dimensions, name, then the elements: each with a tag of its own.
    private static MatArray? ReadArray(byte[] matrix, string[] wanted, string path)
    {
        var at = 0;
        var flags = Part(matrix, ref at, path);
        var dimensions = Part(matrix, ref at, path);
        var nameBytes = Part(matrix, ref at, path);
        if (flags.Bytes.Length < 8 || dimensions.Type != MatType.Int32 || dimensions.Bytes.Length / 4 is < 2 or > MaxDimensions)
            throw new DataException($"{path}: is damaged (an array without flags or sizes)");
        var name = Encoding.ASCII.GetString(nameBytes.Bytes.Span);
        if (!wanted.Contains(name))
            return null;
        var flag = BinaryPrimitives.ReadUInt32LittleEndian(flags.Bytes.Span);
        if ((flag & 0xFF) is < FirstNumericClass or > LastNumericClass || (flag & ComplexFlag) != 0)
            throw new DataException($"{path}: '{name}' is no array of real numbers");
        var shape = new int[dimensions.Bytes.Length / 4];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = BinaryPrimitives.ReadInt32LittleEndian(dimensions.Bytes.Span[(4 * i)..]);
        var elements = Part(matrix, ref at, path);
        var count = shape.Any(size => size < 0) ? -1 : shape.Aggregate((Int128)1, (product, size) => product * size);
        return elements.Type.Size() > 0 && count * elements.Type.Size() == elements.Bytes.Length
            ? new MatArray(name, shape, elements.Type, elements.Bytes)
            : throw new DataException($"{path}: '{name}' is damaged ({elements.Bytes.Length} bytes of {elements.Type} do not fit its sizes {string.Join('×', shape)})");
    }

    private static (MatType Type, ReadOnlyMemory<byte> Bytes) Part(byte[] matrix, ref int at, string path)
    {
        if (matrix.Length - at < TagBytes)
            throw new DataException($"{path}: is damaged (an array ends too early)");
        var first = BinaryPrimitives.ReadUInt32LittleEndian(matrix.AsSpan(at));
        // Up to four bytes may stand in the tag itself; the upper half of its first word is then their number.
        var small = first >> 16;
        var (type, length, start) = small != 0 ? ((MatType)(first & 0xFFFF), small, at + 4) : ((MatType)first, BinaryPrimitives.ReadUInt32LittleEndian(matrix.AsSpan(at + 4)), at + TagBytes);
        if (length > matrix.Length - start || (small != 0 && small > 4))
            throw new DataException($"{path}: is damaged (a part of {length} bytes reaches beyond its array)");
        at = small != 0 ? at + TagBytes : (int)Math.Min(matrix.Length, (start + (long)length + 7) / 8 * 8);
        return (type, matrix.AsMemory(start, (int)length));
    }
}
