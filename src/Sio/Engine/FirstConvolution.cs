using System.Runtime.InteropServices;

namespace Sio.Engine;

/// <summary>
/// A convolution so small that nothing can go wrong with it, for what LibTorch sets up at its first one. By the binding's own functions:
/// TorchSharp's managed code may be starting up on another thread, and waiting for this one.
/// </summary>
internal static unsafe class FirstConvolution
{
    private const sbyte Float32 = 6;

    /// <summary>Computes it.</summary>
    /// <exception cref="LibTorchException">It fails.</exception>
    internal static void Compute(nint binding)
    {
        var dispose = (delegate* unmanaged<nint, void>)Function(binding, "THSTensor_dispose");
        // Two images and a kernel of 3×3: fewer, or a smaller one, LibTorch computes without oneDNN.
        nint input = Ones(binding, 2, 1, 4, 4), weight = Ones(binding, 1, 1, 3, 3), result = 0;
        try
        {
            long* stride = stackalloc long[] { 1, 1 }, padding = stackalloc long[] { 0, 0 };
            var convolve = (delegate* unmanaged<nint, nint, nint, long*, int, long*, int, long*, int, long, nint>)Function(binding, "THSTensor_conv2d");
            result = input == 0 || weight == 0 ? 0 : convolve(input, weight, 0, stride, 2, padding, 2, stride, 2, 1);
            if (result == 0)
                throw new LibTorchException($"LibTorch cannot compute a convolution: {LastError(binding)}");
        }
        finally
        {
            foreach (var tensor in new[] { result, weight, input })
            {
                if (tensor != 0)
                    dispose(tensor);
            }
        }
    }

    private static nint Ones(nint binding, params ReadOnlySpan<long> shape)
    {
        const int cpu = 0, anyIndex = -1;
        var ones = (delegate* unmanaged<long*, int, sbyte, int, int, byte, nint>)Function(binding, "THSTensor_ones");
        fixed (long* sizes = shape)
            return ones(sizes, shape.Length, Float32, cpu, anyIndex, 0);
    }

    private static string LastError(nint binding)
    {
        var text = ((delegate* unmanaged<nint>)Function(binding, "THSTorch_get_and_reset_last_err"))();
        return TorchErrors.Clean(Marshal.PtrToStringUTF8(text) ?? "no reason given");
    }

    private static nint Function(nint binding, string name) =>
        NativeLibrary.TryGetExport(binding, name, out var function)
            ? function
            : throw new LibTorchException($"TorchSharp's native library lacks {name}: it is of another version than this program needs");
}
