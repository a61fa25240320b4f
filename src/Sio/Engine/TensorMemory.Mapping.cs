using Sio.Data;
using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <content>Files as tensors.</content>
public static unsafe partial class TensorMemory
{
    // Mappings by the address of their tensor's first element, which is all that LibTorch tells when it frees one.
    private static readonly ConcurrentDictionary<nint, Mapping> s_mappings = new();

    /// <summary>
    /// A tensor over a part of a file, mapped into memory: pages are read when they are needed, and given back when memory is short. Not to be written. The file stays open until no
    /// tensor shares the memory.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Bytes before the first element; a multiple of the element's size.</param>
    /// <param name="dtype">Type of the elements.</param>
    /// <param name="shape">Lengths of the dimensions, at least 1 each.</param>
    /// <exception cref="ArgumentException">The file holds less, or the offset is no place for an element.</exception>
    public static Tensor Map(string path, long offset, ScalarType dtype, params ReadOnlySpan<long> shape)
    {
        var bytes = (long)dtype.ElementSize();
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(shape));
            bytes = checked(bytes * size);
        }

        if (offset < 0 || offset % dtype.ElementSize() != 0)
            throw new ArgumentException($"an offset of {offset} bytes is no place for elements of {dtype.ElementSize()}", nameof(offset));
        if (new FileInfo(path).Length - offset < bytes)
        {
            throw new ArgumentException(
                $"{path} holds less than the {bytes} bytes of shape [{string.Join(",", shape.ToArray())}] from byte {offset} on", nameof(shape));
        }

        TorchRuntime.Initialize();
        var mapping = new Mapping(path);
        var address = (nint)(mapping.Address + offset);
        s_mappings[address] = mapping;
        fixed (long* sizes = shape)
        {
            var tensor = NewTensor(address, &Unmap, (nint)sizes, shape.Length, (sbyte)dtype, (sbyte)dtype, (int)DeviceType.CPU, -1, 0);
            if (tensor != 0)
                return Tensor.UnsafeCreateTensor(tensor);
        }

        s_mappings.TryRemove(address, out _);
        mapping.Dispose();
        throw new TorchException("map file", $"LibTorch makes no tensor of {path}");
    }

    // TorchSharp has this for arrays of .NET alone.
    [DllImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewTensor(
        nint data, delegate* unmanaged[Cdecl]<nint, void> deleter, nint sizes, int dimensions, sbyte type, sbyte dtype, int deviceType, int deviceIndex, byte requiresGrad);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Unmap(nint address)
    {
        if (s_mappings.TryRemove(address, out var mapping))
            mapping.Dispose();
    }

    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        internal Mapping(string path)
        {
            var file = InputFile.Open(path);
            _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
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
