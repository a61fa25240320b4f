using System.Runtime.InteropServices;
using Sio.Torch.Native;

namespace Sio.Torch;

/// <content>Exchange of elements with .NET memory.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Copies elements into a new CPU tensor.</summary>
    /// <param name="values">Elements in C order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension when left out.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var sizes = ShapeOrFlat(shape, values.Length);
        var tensor = Empty(sizes, DTypes.Of<T>());
        values.CopyTo(tensor.AsSpan<T>());
        return tensor;
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{long})"/>
    public static Tensor From<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From((ReadOnlySpan<T>)values, shape);
    }

    /// <summary>Makes a CPU tensor over an array's own memory: what one writes, the other sees. Nothing is copied.</summary>
    /// <remarks>The array stays pinned until the last tensor that shares its memory is freed.</remarks>
    /// <param name="values">Elements in C order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension when left out.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static Tensor Wrap<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        var sizes = ShapeOrFlat(shape, values.Length);
        var dtype = DTypes.Of<T>();
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        nint tensor;
        int status;
        fixed (long* pointer = sizes)
        {
            status = NativeMethods.sio_tensor_from_memory(
                (void*)pin.AddrOfPinnedObject(), pointer, sizes.Length, (int)dtype, &Unpin, GCHandle.ToIntPtr(pin), &tensor);
        }

        NativeMethods.Check(status, "wrap array"); // a failure has unpinned the array
        return new Tensor(tensor);
    }

    /// <summary>The elements of a contiguous CPU tensor, in place.</summary>
    /// <remarks>
    /// Valid while the tensor lives, which the span does not see to: keep the tensor in a scope or a <c>using</c> for as
    /// long, since one that nothing refers to any more may be finalized under the span.
    /// </remarks>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="InvalidOperationException">Another element type, another device, or not in C order.</exception>
    /// <exception cref="OverflowException">More elements than a span can have (2³¹ − 1).</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        var info = Info();
        if ((DType)info.DType != DTypes.Of<T>())
            throw new InvalidOperationException($"the elements of {Describe()} are not {typeof(T).Name}");
        if (info.DeviceType != (int)DeviceType.Cpu)
            throw new InvalidOperationException($"{Describe()} is not in the host's memory; use Cpu() first");
        if (!IsContiguous())
            throw new InvalidOperationException($"{Describe()} is not contiguous; use Contiguous() first");
        void* data;
        NativeMethods.Check(NativeMethods.sio_tensor_data(Handle, &data), "data");
        return new Span<T>(data, checked((int)info.Numel));
    }

    /// <summary>Copies the elements out, in C order, from any device and layout.</summary>
    /// <typeparam name="T">The .NET type of the elements; no conversion is made.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using var scope = new TensorScope();
        var array = Detach().Cpu().Contiguous().AsSpan<T>().ToArray();
        return array;
    }

    /// <summary>Copies the elements into existing memory, in C order.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        using var scope = new TensorScope();
        var source = Detach().Cpu().Contiguous().AsSpan<T>();
        if (source.Length != destination.Length)
            throw new ArgumentException($"{Describe()} has {source.Length} elements, the destination {destination.Length}", nameof(destination));
        source.CopyTo(destination);
    }

    /// <summary>The value of a tensor of one element.</summary>
    /// <exception cref="TorchException">There is not exactly one element.</exception>
    public Scalar Item() => Ops.Item.CallScalar(this);

    /// <summary>The memory of a contiguous CPU tensor, piece by piece, since a span holds at most 2 GiB.</summary>
    internal delegate void BytesAction(Span<byte> bytes);

    /// <summary>Walks through the memory of a contiguous CPU tensor, for readers and writers of files.</summary>
    internal void ForEachBytes(BytesAction action)
    {
        const long piece = 1 << 26;
        void* data;
        NativeMethods.Check(NativeMethods.sio_tensor_data(Handle, &data), "data");
        var bytes = Numel * DType.Size();
        for (long start = 0; start < bytes; start += piece)
            action(new Span<byte>((byte*)data + start, (int)Math.Min(piece, bytes - start)));
        GC.KeepAlive(this);
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

    [UnmanagedCallersOnly]
    private static void Unpin(nint handle) => GCHandle.FromIntPtr(handle).Free();
}
