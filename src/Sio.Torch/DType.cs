namespace Sio.Torch;

/// <summary>Element types of tensors, under PyTorch's names and with LibTorch's numbers (<c>c10::ScalarType</c>).</summary>
public enum DType
{
    /// <summary>Unsigned 8-bit integer (<see cref="byte"/>).</summary>
    UInt8 = 0,

    /// <summary>Signed 8-bit integer (<see cref="sbyte"/>).</summary>
    Int8 = 1,

    /// <summary>Signed 16-bit integer (<see cref="short"/>).</summary>
    Int16 = 2,

    /// <summary>Signed 32-bit integer (<see cref="int"/>).</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integer (<see cref="long"/>).</summary>
    Int64 = 4,

    /// <summary>IEEE half precision (<see cref="Half"/>).</summary>
    Float16 = 5,

    /// <summary>IEEE single precision (<see cref="float"/>).</summary>
    Float32 = 6,

    /// <summary>IEEE double precision (<see cref="double"/>).</summary>
    Float64 = 7,

    /// <summary>One byte, 0 or 1 (<see cref="bool"/>).</summary>
    Bool = 11,

    /// <summary>bfloat16: float32 with the lower 16 bits cut off.</summary>
    BFloat16 = 15,
}

/// <summary>What is known of a <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An element type this binding does not name.</exception>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.UInt8 or DType.Int8 or DType.Bool => 1,
        DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
        DType.Int32 or DType.Float32 => 4,
        DType.Int64 or DType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "unknown element type"),
    };

    /// <summary>Whether elements are floating-point numbers.</summary>
    public static bool IsFloatingPoint(this DType dtype) =>
        dtype is DType.Float16 or DType.Float32 or DType.Float64 or DType.BFloat16;

    /// <summary>The element type that holds a .NET type.</summary>
    /// <typeparam name="T">byte, sbyte, short, int, long, Half, float, double or bool.</typeparam>
    /// <exception cref="NotSupportedException">Another type.</exception>
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return DType.Float32;
        if (typeof(T) == typeof(double))
            return DType.Float64;
        if (typeof(T) == typeof(long))
            return DType.Int64;
        if (typeof(T) == typeof(int))
            return DType.Int32;
        if (typeof(T) == typeof(byte))
            return DType.UInt8;
        if (typeof(T) == typeof(bool))
            return DType.Bool;
        if (typeof(T) == typeof(Half))
            return DType.Float16;
        if (typeof(T) == typeof(short))
            return DType.Int16;
        return typeof(T) == typeof(sbyte)
            ? DType.Int8
            : throw new NotSupportedException($"no tensor element type holds {typeof(T)}");
    }
}
