using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>A tensor's elements as .NET memory, without a copy where there need not be one, and of any size; and memory as a tensor.</summary>
public static unsafe partial class TensorMemory
{
    // Pieces that a span of bytes can hold, and that a stream takes well.
    private const long PieceBytes = 1 << 26;

    /// <summary>What <see cref="ForEachBytes"/> calls.</summary>
    /// <param name="bytes">Bytes of the tensor, in order; they may be written.</param>
    public delegate void BytesAction(Span<byte> bytes);

    /// <summary>The element type of a tensor that holds values of a .NET type.</summary>
    /// <exception cref="NotSupportedException">No tensor holds them.</exception>
    public static ScalarType TypeOf<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return ScalarType.Float32;
        if (typeof(T) == typeof(double))
            return ScalarType.Float64;
        if (typeof(T) == typeof(long))
            return ScalarType.Int64;
        if (typeof(T) == typeof(int))
            return ScalarType.Int32;
        if (typeof(T) == typeof(byte))
            return ScalarType.Byte;
        if (typeof(T) == typeof(bool))
            return ScalarType.Bool;
        if (typeof(T) == typeof(Half))
            return ScalarType.Float16;
        if (typeof(T) == typeof(short))
            return ScalarType.Int16;
        return typeof(T) == typeof(sbyte) ? ScalarType.Int8 : throw new NotSupportedException($"no tensor element type holds {typeof(T)}");
    }

    /// <summary>A tensor with a copy of the values.</summary>
    /// <param name="values">In C order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension when empty.</param>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var tensor = empty(ShapeOrFlat(shape, values.Length), TypeOf<T>());
        values.CopyTo(tensor.AsSpan<T>());
        return tensor;
    }

    /// <summary>A tensor over an array's own memory: what is written to one shows in the other.</summary>
    /// <param name="values">In C order; held in its place until the tensor is freed.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension when empty.</param>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public static Tensor Wrap<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        var sizes = ShapeOrFlat(shape, values.Length);
        if (values.Length == 0)
            return empty(sizes, TypeOf<T>());
        using var flat = frombuffer(values, TypeOf<T>());
        return flat.view(sizes);
    }

    /// <summary>The elements of a contiguous tensor of the CPU, in C order. Valid as long as the tensor is; may be written.</summary>
    /// <exception cref="InvalidOperationException">Other elements, not contiguous, or on another device.</exception>
    public static Span<T> AsSpan<T>(this Tensor tensor)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != TypeOf<T>())
            throw new InvalidOperationException($"the elements of {Describe(tensor)} are not {typeof(T).Name}");
        return new Span<T>(Address(tensor), checked((int)tensor.numel()));
    }

    /// <summary>A copy of the elements in C order, from any device and any memory order.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public static T[] ToArray<T>(this Tensor tensor)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().contiguous().AsSpan<T>().ToArray();
    }

    /// <summary>Copies the elements in C order, from any device and any memory order.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public static void CopyTo<T>(this Tensor tensor, Span<T> destination)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var scope = NewDisposeScope();
        var source = tensor.detach().cpu().contiguous().AsSpan<T>();
        if (source.Length != destination.Length)
            throw new ArgumentException($"{Describe(tensor)} has {source.Length} elements, the destination {destination.Length}", nameof(destination));
        source.CopyTo(destination);
    }

    /// <summary>Hands the memory of a contiguous tensor of the CPU over piece by piece, whatever its size.</summary>
    /// <exception cref="InvalidOperationException">Not contiguous, or on another device.</exception>
    public static void ForEachBytes(this Tensor tensor, BytesAction action)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(action);
        var address = (byte*)Address(tensor);
        var bytes = tensor.numel() * tensor.element_size();
        for (long start = 0; start < bytes; start += PieceBytes)
            action(new Span<byte>(address + start, (int)Math.Min(PieceBytes, bytes - start)));
        GC.KeepAlive(tensor);
    }

    /// <summary>The one element of a tensor, from any device.</summary>
    /// <remarks>TorchSharp's ToDouble leaves a native scalar to a finaliser; in a loop over steps these add up.</remarks>
    /// <exception cref="ExternalException">There are more elements, or none.</exception>
    public static double ToNumber(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var scalar = tensor.ToScalar();
        return scalar.ToDouble();
    }

    /// <summary>Whether two tensors have the same shape and the same values; NaN equals nothing.</summary>
    public static bool ValuesEqual(this Tensor tensor, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(other);
        if (!tensor.shape.AsSpan().SequenceEqual(other.shape))
            return false;
        using var scope = NewDisposeScope();
        return tensor.eq(other).all().item<bool>();
    }

    /// <summary>The elements in a memory order; the tensor itself where it lies so.</summary>
    /// <param name="tensor">[N,C,H,W] for <see cref="memory_format.channels_last"/>.</param>
    /// <param name="format">The order.</param>
    /// <returns>A tensor of its own in any case.</returns>
    public static Tensor Contiguous(Tensor tensor, memory_format format)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (format != memory_format.channels_last)
            return tensor.contiguous();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
    }

    /// <summary>Whether the elements lie in a memory order.</summary>
    /// <param name="tensor">[N,C,H,W] for <see cref="memory_format.channels_last"/>.</param>
    /// <param name="format">The order.</param>
    public static bool IsContiguous(Tensor tensor, memory_format format)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (format != memory_format.channels_last)
            return tensor.is_contiguous();
        if (tensor.ndim != 4)
            return false;
        using var turned = tensor.permute(0, 2, 3, 1);
        return turned.is_contiguous();
    }

    /// <summary>Shape, element type and, where it is not the CPU, device: <c>[2,3] float32</c>.</summary>
    public static string Describe(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.IsInvalid)
            return "disposed tensor";
        var text = $"[{string.Join(",", tensor.shape)}] {tensor.dtype.ToString().ToLowerInvariant()}";
        return tensor.device_type == DeviceType.CPU ? text : $"{text} {tensor.device}";
    }

    private static void* Address(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException($"{Describe(tensor)} is not in the host's memory; use cpu() first");
        if (!tensor.is_contiguous())
            throw new InvalidOperationException($"{Describe(tensor)} is not contiguous; use contiguous() first");
        if (tensor.numel() == 0)
            return null;
        // TorchSharp gives the bytes of tensors up to 2 GB: those of the first element tell where all are.
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.detach().view(-1).narrow(0, 0, 1).bytes));
    }

    private static long[] ShapeOrFlat(ReadOnlySpan<long> shape, int length)
    {
        if (shape.IsEmpty)
            return [length];
        long count = 1;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        return count == length
            ? shape.ToArray()
            : throw new ArgumentException($"shape [{string.Join(",", shape.ToArray())}] holds {count} elements, {length} were given", nameof(shape));
    }
}
