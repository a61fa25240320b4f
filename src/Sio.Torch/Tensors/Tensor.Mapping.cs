using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Sio.Torch.Native;

namespace Sio.Torch;

/// <content>Tensors over files.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>
    /// Makes a CPU tensor over the bytes of a file, which the system reads as they are needed and drops when memory is short: so a tensor can be larger than memory.
    /// </summary>
    /// <remarks>
    /// Read-only: an operator that writes into the tensor in place ends the process. The file must not be cut off while the tensor lives. It stays open until the last
    /// tensor that shares its memory is freed.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the first element is, in bytes; a multiple of an element's size.</param>
    /// <param name="dtype">The type of the elements, in the machine's byte order.</param>
    /// <param name="shape">Lengths of the dimensions, in C order, none of them 0.</param>
    /// <exception cref="ArgumentException">The offset is no multiple of an element's size, or the file holds fewer elements.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Map(string path, long offset, DType dtype, params ReadOnlySpan<long> shape)
    {
        var bytes = (long)dtype.Size();
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(shape));
            bytes = checked(bytes * size);
        }

        if (offset < 0 || offset % dtype.Size() != 0)
            throw new ArgumentException($"an offset of {offset} bytes is no place for elements of {dtype.Size()}", nameof(offset));
        if (new FileInfo(path).Length - offset < bytes)
            throw new ArgumentException($"{path} holds less than the {bytes} bytes of shape [{string.Join(",", shape.ToArray())}] from byte {offset} on", nameof(shape));
        var mapping = new Mapping(path);
        var sizes = shape.ToArray();
        nint tensor;
        int status;
        fixed (long* pointer = sizes)
        {
            status = NativeMethods.sio_tensor_from_memory(
                mapping.Address + offset, pointer, sizes.Length, (int)dtype, &Unmap, GCHandle.ToIntPtr(GCHandle.Alloc(mapping)), &tensor);
        }

        NativeMethods.Check(status, "map file"); // a failure has unmapped the file
        return new Tensor(tensor);
    }

    [UnmanagedCallersOnly]
    private static void Unmap(nint context)
    {
        var handle = GCHandle.FromIntPtr(context);
        ((Mapping)handle.Target!).Dispose();
        handle.Free();
    }

    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        internal Mapping(string path)
        {
            _file = MemoryMappedFile.CreateFromFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* address = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
            Address = address + _view.PointerOffset;
        }

        internal byte* Address { get; }

        public void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
