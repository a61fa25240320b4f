using System.Buffers.Binary;

namespace Sio.Data;

/// <summary>A numeric array of a MATLAB file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sizes; the first index runs fastest.</param>
/// <param name="Stored">How its elements are stored, which may be narrower than the class that MATLAB shows.</param>
/// <param name="Bytes">The elements, little-endian.</param>
internal sealed record MatArray(string Name, int[] Shape, MatType Stored, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The elements as integers.</summary>
    /// <param name="source">What to call the file in messages.</param>
    /// <exception cref="DataException">One is no integer.</exception>
    internal long[] Integers(string source)
    {
        var size = Stored.Size();
        var values = new long[Bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var at = Bytes.Span.Slice(i * size, size);
            values[i] = Stored switch
            {
                MatType.Int8 => (sbyte)at[0],
                MatType.UInt8 => at[0],
                MatType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
                MatType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                MatType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                MatType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                MatType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                MatType.Single => Whole(BinaryPrimitives.ReadSingleLittleEndian(at)),
                MatType.Double => Whole(BinaryPrimitives.ReadDoubleLittleEndian(at)),
                _ => throw new DataException($"{source}: '{Name}' has elements of the type {Stored}, integers were expected"),
            };
        }

        return values;

        long Whole(double value) => Math.Abs(value) < 1e15 && Math.Floor(value) == value
            ? (long)value
            : throw new DataException(ImageSet.Text($"{source}: '{Name}' has the element {value}, an integer was expected"));
    }
}

/// <summary>Types of a MATLAB 5 file, by their number there.</summary>
internal enum MatType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
    Matrix = 14,
    Compressed = 15,
}

/// <summary>Sizes of those types.</summary>
internal static class MatTypes
{
    /// <summary>Bytes of an element; 0 for what is no number.</summary>
    internal static int Size(this MatType type) => type switch
    {
        MatType.Int8 or MatType.UInt8 => 1,
        MatType.Int16 or MatType.UInt16 => 2,
        MatType.Int32 or MatType.UInt32 or MatType.Single => 4,
        MatType.Int64 or MatType.UInt64 or MatType.Double => 8,
        _ => 0,
    };
}
