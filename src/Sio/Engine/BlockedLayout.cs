using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>
/// oneDNN's own order of numbers in memory, in blocks of channels (a tensor "of MKL-DNN" in PyTorch's words). In it one convolution hands
/// on to the next without
/// reordering. Few operators take such tensors: convolution, batch norm, ReLU, sums, pooling, reshaping.
/// </summary>
internal static class BlockedLayout
{
    /// <summary>Whether this LibTorch has it on this machine, and oneDNN may be used.</summary>
    internal static bool IsUsable =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 && TorchRuntime.Safety != CacheSafety.SwitchedOff && DispatchedOperators.Exist;

    /// <summary>
    /// Whether oneDNN computes in a type on this CPU: in bfloat16 it needs AVX-512. Asked before, since LibTorch writes a stack trace to
    /// standard error where it is not.
    /// </summary>
    internal static bool Computes(ScalarType type) => type switch
    {
        ScalarType.Float32 => true,
        ScalarType.BFloat16 => Avx512BW.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.IsSupported,
        _ => false,
    };

    /// <summary>A copy that oneDNN may order as it likes.</summary>
    /// <param name="tensor">float32 or bfloat16, on the CPU.</param>
    internal static Tensor Of(Tensor tensor) => DispatchedOperators.ToOneDnn(tensor);
}
