using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// A LibTorch tensor: an n-dimensional array on a device, with its history for autograd. Methods carry PyTorch's names;
/// a trailing underscore marks those that change the tensor itself.
/// </summary>
/// <remarks>
/// Freed by <see cref="Dispose"/>, by the <see cref="TensorScope"/> it was made in, or at last by its finalizer. Calls of
/// several threads on one tensor are safe in that a tensor in use is never freed under way.
/// </remarks>
public sealed unsafe partial class Tensor : IDisposable
{
    internal Tensor(nint pointer)
    {
        Handle = new TensorHandle(pointer);
        Scope = TensorScope.Current;
        Scope?.Add(this);
    }

    internal TensorHandle Handle { get; }

    /// <summary>The scope that will free this tensor, or null.</summary>
    internal TensorScope? Scope { get; set; }

    /// <summary>Whether the tensor has been freed.</summary>
    public bool IsDisposed => Handle.IsClosed;

    /// <summary>Lengths of the dimensions; empty for a single number.</summary>
    public long[] Shape
    {
        get
        {
            // The sizes are the tensor's own memory: it is held while they are read, since another thread may dispose it.
            var held = false;
            try
            {
                Handle.DangerousAddRef(ref held);
                var info = Info();
                return new ReadOnlySpan<long>(info.Sizes, info.Dim).ToArray();
            }
            finally
            {
                if (held)
                    Handle.DangerousRelease();
            }
        }
    }

    /// <summary>Number of dimensions.</summary>
    public int Dim => Info().Dim;

    /// <summary>Number of elements.</summary>
    public long Numel => Info().Numel;

    /// <summary>Type of the elements.</summary>
    public DType DType => (DType)Info().DType;

    /// <summary>Where the elements are.</summary>
    public Device Device
    {
        get
        {
            var info = Info();
            return new Device((DeviceType)info.DeviceType, info.DeviceIndex);
        }
    }

    /// <summary>Elements between neighbours of each dimension.</summary>
    public long[] Strides
    {
        get
        {
            var strides = new long[Dim];
            fixed (long* pointer = strides)
                NativeMethods.Check(NativeMethods.sio_tensor_strides(Handle, pointer), "strides");
            return strides;
        }
    }

    /// <summary>Whether elements lie in memory in C order, or in the order of a memory format.</summary>
    public bool IsContiguous(MemoryFormat format = MemoryFormat.Contiguous)
    {
        int yes;
        NativeMethods.Check(NativeMethods.sio_tensor_is_contiguous(Handle, (int)format, &yes), "is_contiguous");
        return yes != 0;
    }

    /// <summary>Length of one dimension.</summary>
    /// <param name="dim">Which one; negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public long Size(int dim)
    {
        var held = false;
        try
        {
            Handle.DangerousAddRef(ref held);
            var info = Info();
            var index = dim < 0 ? dim + info.Dim : dim;
            if (index < 0 || index >= info.Dim)
                throw new ArgumentOutOfRangeException(nameof(dim), dim, $"the tensor has {info.Dim} dimensions");
            return info.Sizes[index];
        }
        finally
        {
            if (held)
                Handle.DangerousRelease();
        }
    }

    /// <summary>Whether two objects stand for the very same tensor, not just equal values.</summary>
    public bool IsSame(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int yes;
        NativeMethods.Check(NativeMethods.sio_tensor_is_same(Handle, other.Handle, &yes), "is_same");
        return yes != 0;
    }

    /// <summary>Another owner of the same tensor, to be disposed on its own.</summary>
    public Tensor Alias()
    {
        nint alias;
        NativeMethods.Check(NativeMethods.sio_tensor_alias(Handle, &alias), "alias");
        return new Tensor(alias);
    }

    /// <summary>Takes the tensor out of the scope it was made in: the caller disposes it.</summary>
    /// <returns>This tensor.</returns>
    public Tensor DetachFromScope()
    {
        Scope = null;
        return this;
    }

    /// <summary>Gives the tensor back; its memory is free when no other tensor or graph shares it.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>Shape, element type and device.</summary>
    public override string ToString() => Describe();

    internal string Describe()
    {
        if (IsDisposed)
            return "disposed tensor";
        var shape = string.Join(",", Shape);
        var type = DType.ToString().ToLowerInvariant();
        var device = Device;
        return device.Type == DeviceType.Cpu ? $"[{shape}] {type}" : $"[{shape}] {type} {device}";
    }

    private NativeTensorInfo Info()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        NativeTensorInfo info;
        NativeMethods.Check(NativeMethods.sio_tensor_get_info(Handle, &info), "tensor info");
        return info;
    }
}
