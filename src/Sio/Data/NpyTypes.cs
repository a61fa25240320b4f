namespace Sio.Data;

/// <summary>How element types are spelled in a header, how wide they are, and which C# type holds them.</summary>
internal static class NpyTypes
{
    private static readonly (NpyType Type, string Code, int Size, Type Clr)[] All =
    [
        (NpyType.Bool, "b1", 1, typeof(bool)),
        (NpyType.Int8, "i1", 1, typeof(sbyte)),
        (NpyType.UInt8, "u1", 1, typeof(byte)),
        (NpyType.Int16, "i2", 2, typeof(short)),
        (NpyType.UInt16, "u2", 2, typeof(ushort)),
        (NpyType.Int32, "i4", 4, typeof(int)),
        (NpyType.UInt32, "u4", 4, typeof(uint)),
        (NpyType.Int64, "i8", 8, typeof(long)),
        (NpyType.UInt64, "u8", 8, typeof(ulong)),
        (NpyType.Float16, "f2", 2, typeof(Half)),
        (NpyType.Float32, "f4", 4, typeof(float)),
        (NpyType.Float64, "f8", 8, typeof(double)),
    ];

    /// <summary>NumPy's code without byte order, e.g. <c>f4</c>.</summary>
    public static string Code(this NpyType type) => All[(int)type].Code;

    /// <summary>Bytes per element.</summary>
    public static int Size(this NpyType type) => All[(int)type].Size;

    /// <summary>The type for a code such as <c>f4</c>.</summary>
    public static bool TryFromCode(ReadOnlySpan<char> code, out NpyType type)
    {
        foreach (var row in All)
        {
            if (code.SequenceEqual(row.Code))
            {
                type = row.Type;
                return true;
            }
        }

        type = default;
        return false;
    }

    /// <summary>The element type that holds <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">NumPy has no such type, or this library does not handle it.</exception>
    public static NpyType Of<T>()
        where T : unmanaged
    {
        foreach (var row in All)
            if (row.Clr == typeof(T))
                return row.Type;
        throw new ArgumentException($"{typeof(T).Name} is not an element type of .npy arrays handled here.", nameof(T));
    }
}
