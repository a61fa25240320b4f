using System.Globalization;
using System.Numerics;

namespace Sio.Data;

/// <summary>An array with a shape, as a <c>.npy</c> file holds it: elements in C order (the last index runs fastest).</summary>
public sealed class NpyArray
{
    private readonly Array _data;

    internal NpyArray(NpyType type, Array data, long[] shape, string source)
    {
        Type = type;
        _data = data;
        Shape = shape;
        Source = source;
    }

    /// <summary>The element type.</summary>
    public NpyType Type { get; }

    /// <summary>The size of each dimension, each ≥ 0; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Length => _data.Length;

    /// <summary>Where the array came from (file, and name within an <c>.npz</c>), for messages.</summary>
    public string Source { get; }

    /// <summary>Wraps an array without copying it.</summary>
    /// <typeparam name="T">The element type, one of those <see cref="NpyType"/> lists.</typeparam>
    /// <param name="data">The elements in C order.</param>
    /// <param name="shape">The size of each dimension; none given means one dimension of all elements.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many elements as there are, or <typeparamref name="T"/> is not supported.</exception>
    public static NpyArray Create<T>(T[] data, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return new NpyArray(NpyTypes.Of<T>(), data, CheckShape(shape, data.Length), "array");
    }

    /// <summary>Makes an array without dimensions.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="value">Its only element.</param>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not supported.</exception>
    public static NpyArray Scalar<T>(T value)
        where T : unmanaged => new(NpyTypes.Of<T>(), new[] { value }, [], "array");

    /// <summary>The elements, without a copy.</summary>
    /// <typeparam name="T">The element type; it must be the array's own.</typeparam>
    /// <exception cref="DataException">The array holds another type.</exception>
    public T[] Elements<T>()
        where T : unmanaged
    {
        var asked = NpyTypes.Of<T>();
        if (asked != Type)
            throw new DataException($"{Source}: holds elements of type {Type.Code()}, {asked.Code()} was expected.");
        return (T[])_data;
    }

    /// <summary>The elements as float64: floats and integers of any width (64-bit integers are rounded).</summary>
    /// <exception cref="DataException">The array holds booleans.</exception>
    public double[] ToDoubles() => Type switch
    {
        NpyType.Float64 => (double[])_data.Clone(),
        NpyType.Float32 => Convert<float, double>(),
        NpyType.Float16 => Convert<Half, double>(),
        NpyType.Bool => throw new DataException($"{Source}: holds booleans, numbers were expected."),
        NpyType.UInt64 => Convert<ulong, double>(),
        _ => Array.ConvertAll(ToInt64s(), v => (double)v),
    };

    /// <summary>The elements as 64-bit integers: signed and unsigned integers of any width.</summary>
    /// <exception cref="DataException">The array holds booleans or floats, or a value above 2⁶³ − 1.</exception>
    public long[] ToInt64s()
    {
        try
        {
            return Type switch
            {
                NpyType.Int64 => (long[])_data.Clone(),
                NpyType.Int8 => Convert<sbyte, long>(),
                NpyType.UInt8 => Convert<byte, long>(),
                NpyType.Int16 => Convert<short, long>(),
                NpyType.UInt16 => Convert<ushort, long>(),
                NpyType.Int32 => Convert<int, long>(),
                NpyType.UInt32 => Convert<uint, long>(),
                NpyType.UInt64 => Convert<ulong, long>(),
                _ => throw new DataException($"{Source}: holds elements of type {Type.Code()}, integers were expected."),
            };
        }
        catch (OverflowException e)
        {
            throw new DataException($"{Source}: holds an integer above {long.MaxValue}.", e);
        }
    }

    /// <summary>The shape as NumPy prints it, e.g. <c>(9000, 28, 28, 1)</c>.</summary>
    public string ShapeText() => FormatShape(Shape);

    /// <summary>Other elements in this array's shape and under its name: what a conversion gives.</summary>
    internal NpyArray With<T>(T[] data)
        where T : unmanaged => new(NpyTypes.Of<T>(), data, Shape, Source);

    /// <summary>The elements as float32: floats and integers of any width, rounded to the nearest.</summary>
    /// <exception cref="DataException">The array holds booleans, or a finite value that float32 cannot hold.</exception>
    internal NpyArray ToFloats()
    {
        if (Type == NpyType.Float32)
            return this;
        var exact = ToDoubles();
        var floats = Array.ConvertAll(exact, value => (float)value);
        var lost = Array.FindIndex(floats, value => !float.IsFinite(value));
        return lost < 0 || !double.IsFinite(exact[lost])
            ? With(floats)
            : throw new DataException(ImageSet.Text($"{Source}: value {lost} is {exact[lost]:R}, more than float32 holds; scale it down"));
    }

    internal static string FormatShape(ReadOnlySpan<long> shape)
    {
        if (shape.Length == 1)
            return string.Create(CultureInfo.InvariantCulture, $"({shape[0]},)");
        var parts = new string[shape.Length];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = shape[i].ToString(CultureInfo.InvariantCulture);
        return $"({string.Join(", ", parts)})";
    }

    internal static long[] CheckShape(ReadOnlySpan<long> shape, int length)
    {
        if (shape.IsEmpty)
            return [length];
        var product = BigInteger.One;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            product *= size;
        }

        return product == length
            ? shape.ToArray()
            : throw new ArgumentException($"Shape {FormatShape(shape)} does not hold {length} elements.", nameof(shape));
    }

    private TTo[] Convert<TFrom, TTo>()
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo> => System.Array.ConvertAll((TFrom[])_data, TTo.CreateChecked);
}
