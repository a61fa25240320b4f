using System.Globalization;
using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// One argument of an <see cref="Operator"/> call. Made by implicit conversion from what it holds; null stands for
/// PyTorch's <c>None</c>, <see cref="Default"/> for what the operator's schema says.
/// </summary>
public readonly struct Argument
{
    private Argument(ValueTag tag, object? reference, long bits)
    {
        Tag = tag;
        Reference = reference;
        Bits = bits;
    }

    /// <summary>The schema's default for this place.</summary>
    public static Argument Default => new(ValueTag.Default, null, 0);

    internal ValueTag Tag { get; }

    internal object? Reference { get; }

    internal long Bits { get; }

#pragma warning disable CA2225 // the conversions are the whole interface; named twins would double it for nobody
    /// <summary>A tensor, or None.</summary>
    public static implicit operator Argument(Tensor? value) => value is null ? default : new(ValueTag.Tensor, value, 0);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(long value) => new(ValueTag.Int, null, value);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(int value) => new(ValueTag.Int, null, value);

    /// <summary>An integer, or None.</summary>
    public static implicit operator Argument(long? value) => value is { } given ? given : default(Argument);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Argument(double value) => new(ValueTag.Double, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A floating-point number, or None.</summary>
    public static implicit operator Argument(double? value) => value is { } given ? given : default(Argument);

    /// <summary>A number of either kind.</summary>
    public static implicit operator Argument(Scalar value) => new(value.IsDouble ? ValueTag.Double : ValueTag.Int, null, value.Bits);

    /// <summary>A number of either kind, or None.</summary>
    public static implicit operator Argument(Scalar? value) => value is { } given ? given : default(Argument);

    /// <summary>A truth value.</summary>
    public static implicit operator Argument(bool value) => new(ValueTag.Bool, null, value ? 1 : 0);

    /// <summary>A string, or None.</summary>
    public static implicit operator Argument(string? value) => value is null ? default : new(ValueTag.String, value, 0);

    /// <summary>Integers, or None.</summary>
    public static implicit operator Argument(long[]? value) => value is null ? default : new(ValueTag.IntList, value, 0);

    /// <summary>Floating-point numbers, or None.</summary>
    public static implicit operator Argument(double[]? value) => value is null ? default : new(ValueTag.DoubleList, value, 0);

    /// <summary>Truth values, or None.</summary>
    public static implicit operator Argument(bool[]? value) => value is null ? default : new(ValueTag.BoolList, value, 0);

    /// <summary>Tensors, some of which may be None.</summary>
    public static implicit operator Argument(Tensor?[]? value) => value is null ? default : new(ValueTag.TensorList, value, 0);

    /// <summary>An element type.</summary>
    public static implicit operator Argument(DType value) => new(ValueTag.Int, null, (int)value);

    /// <summary>An element type, or None.</summary>
    public static implicit operator Argument(DType? value) => value is { } given ? given : default(Argument);

    /// <summary>A device.</summary>
    public static implicit operator Argument(Device value) =>
        new(ValueTag.Device, null, ((long)value.Index << 32) | (uint)value.Type);

    /// <summary>A device, or None.</summary>
    public static implicit operator Argument(Device? value) => value is { } given ? given : default(Argument);

    /// <summary>A random generator, or None for the shared one.</summary>
    public static implicit operator Argument(Generator? value) => value is null ? default : new(ValueTag.Generator, value, 0);
#pragma warning restore CA2225

    /// <summary>How the argument reads in an error message: a tensor as its shape and type.</summary>
    internal string Describe() => Tag switch
    {
        ValueTag.None => "None",
        ValueTag.Default => "default",
        ValueTag.Tensor => ((Tensor)Reference!).Describe(),
        ValueTag.Int => Bits.ToString(CultureInfo.InvariantCulture),
        ValueTag.Double => BitConverter.Int64BitsToDouble(Bits).ToString("R", CultureInfo.InvariantCulture),
        ValueTag.Bool => Bits != 0 ? "true" : "false",
        ValueTag.String => $"\"{Reference}\"",
        ValueTag.IntList => $"[{string.Join(",", (long[])Reference!)}]",
        ValueTag.DoubleList => $"[{string.Join(",", ((double[])Reference!).Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]",
        ValueTag.BoolList => $"[{string.Join(",", (bool[])Reference!)}]",
        ValueTag.TensorList => DescribeList((Tensor?[])Reference!),
        ValueTag.Generator => "generator",
        _ => new Device((DeviceType)(int)(Bits & 0xffffffff), (int)(Bits >> 32)).ToString(),
    };

    private static string DescribeList(Tensor?[] tensors)
    {
        const int shown = 4;
        var parts = tensors.Take(shown).Select(t => t is null ? "None" : t.Describe());
        var more = tensors.Length > shown ? $", … {tensors.Length} in all" : string.Empty;
        return $"[{string.Join(", ", parts)}{more}]";
    }
}
