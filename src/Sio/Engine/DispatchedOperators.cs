using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>
/// Operators of LibTorch that TorchSharp lacks. LibTorch's stable C interface (<c>torch/csrc/stable/c/shim.h</c>) calls any operator by its name.
/// </summary>
internal static unsafe class DispatchedOperators
{
    private static readonly Lazy<Functions?> s_functions = new(Functions.Find);

    /// <summary>Whether this LibTorch has the interface.</summary>
    internal static bool Exist => s_functions.Value is not null;

    /// <summary>
    /// <c>_fused_sgd_</c>: a step of SGD for all parameters. All tensors are of one type and on one device, and the i-th of each list have one shape and one
    /// order in memory.
    /// </summary>
    /// <param name="parameters">Changed in place.</param>
    /// <param name="gradients">One for each parameter.</param>
    /// <param name="buffers">Momentum, one for each parameter, changed in place; none without momentum.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="learningRate">lr.</param>
    /// <param name="nesterov">Nesterov's method.</param>
    /// <param name="first">Whether the momentum is to be set rather than updated.</param>
    /// <returns>False where this LibTorch lacks it or the tensors are of several types or shapes; nothing has been changed then.</returns>
    internal static bool TrySgd(
        Tensor[] parameters, Tensor[] gradients, Tensor[] buffers, double weightDecay, double momentum, double learningRate, bool nesterov, bool first)
    {
        if (s_functions.Value is not { } functions || !AreAlike(parameters, gradients, buffers))
            return false;
        var stack = stackalloc ulong[12]
        {
            functions.List(parameters), functions.List(gradients), functions.List(buffers),
            Number(weightDecay), Number(momentum), Number(learningRate), Number(0), Flag(nesterov), Flag(false), Flag(first), 0, 0,
        };
        functions.Call("aten::_fused_sgd_", stack);
        return true;
    }

    /// <summary><c>grid_sampler</c> with bicubic interpolation and reflection at the borders, which TorchSharp's grid_sample has not; corners are not aligned.</summary>
    /// <param name="images">[N,C,H,W].</param>
    /// <param name="grid">Where each pixel is read, [N,H',W',2], in −1 … 1.</param>
    /// <returns>[N,C,H',W'].</returns>
    /// <exception cref="TorchException">This LibTorch lacks the operator, or the shapes do not fit.</exception>
    internal static Tensor GridSampleBicubic(Tensor images, Tensor grid)
    {
        const ulong bicubic = 2, reflection = 2;
        if (s_functions.Value is not { } functions)
            throw Lacking("grid_sampler");
        if (images.ndim != 4 || grid.ndim != 4 || grid.size(3) != 2 || grid.size(0) != images.size(0) || grid.dtype != images.dtype)
            throw new TorchException("grid_sampler", $"takes images [N,C,H,W] and a grid [N,H',W',2] of one type, not {Text(images)} and {Text(grid)}");
        var stack = stackalloc ulong[5] { functions.Handle(images), functions.Handle(grid), bicubic, reflection, Flag(false) };
        functions.Call("aten::grid_sampler", stack);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    /// <summary><c>to_mkldnn</c>: a copy in oneDNN's own order in memory.</summary>
    /// <param name="tensor">On the CPU.</param>
    /// <exception cref="TorchException">This LibTorch lacks the operator.</exception>
    internal static Tensor ToOneDnn(Tensor tensor)
    {
        const ulong sameType = 0;
        if (s_functions.Value is not { } functions)
            throw Lacking("to_mkldnn");
        if (tensor.device_type != DeviceType.CPU || !BlockedLayout.Computes(tensor.dtype))
            throw new TorchException("to_mkldnn", $"takes float32, and bfloat16 where the CPU has AVX-512, on the CPU, not {Text(tensor)}");
        var stack = stackalloc ulong[2] { functions.Handle(tensor), sameType };
        functions.Call("aten::to_mkldnn", stack);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    private static TorchException Lacking(string name) => new(name, "this LibTorch has no stable C interface; version 2.10 was expected");

    // LibTorch reports what does not fit with a stack trace on standard error, and what was handed to it by then is lost: so looked at before.
    private static bool AreAlike(Tensor[] parameters, Tensor[] gradients, Tensor[] buffers)
    {
        var (type, device) = (parameters[0].dtype, parameters[0].device_type);
        return gradients.Length == parameters.Length && (buffers.Length == 0 || buffers.Length == parameters.Length)
            && Fit(parameters) && Fit(gradients) && Fit(buffers);

        bool Fit(Tensor[] tensors)
        {
            for (var i = 0; i < tensors.Length; i++)
            {
                if (tensors[i].dtype != type || tensors[i].device_type != device || tensors[i].numel() != parameters[i].numel())
                    return false;
            }

            return true;
        }
    }

    private static string Text(Tensor tensor) => $"{tensor.dtype}[{string.Join(',', tensor.shape)}] on {tensor.device_type}";

    private static ulong Number(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong Flag(bool value) => value ? 1UL : 0;

    private sealed class Functions
    {
        // The version whose conventions this code follows, as the interface wants it: major, minor, patch in the upper bytes.
        private const ulong Conventions = (2UL << 56) | (10UL << 48);

        private readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> _call;
        private readonly delegate* unmanaged<nint, nint*, int> _newHandle;
        private readonly delegate* unmanaged<nuint, nint*, int> _newList;
        private readonly delegate* unmanaged<nint, ulong, int> _push;

        private Functions(nint call, nint newHandle, nint newList, nint push)
        {
            _call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)call;
            _newHandle = (delegate* unmanaged<nint, nint*, int>)newHandle;
            _newList = (delegate* unmanaged<nuint, nint*, int>)newList;
            _push = (delegate* unmanaged<nint, ulong, int>)push;
        }

        internal static Functions? Find()
        {
            var library = TorchLoader.Load().Library;
            return NativeLibrary.TryGetExport(library, "torch_call_dispatcher", out var call)
                && NativeLibrary.TryGetExport(library, "aoti_torch_new_tensor_handle", out var newHandle)
                && NativeLibrary.TryGetExport(library, "torch_new_list_reserve_size", out var newList)
                && NativeLibrary.TryGetExport(library, "torch_list_push_back", out var push)
                    ? new Functions(call, newHandle, newList, push)
                    : null;
        }

        // The call takes lists and handles over and frees them.
        internal ulong List(Tensor[] tensors)
        {
            nint list;
            Check(_newList((nuint)tensors.Length, &list), "a list of tensors");
            foreach (var tensor in tensors)
                Check(_push(list, Handle(tensor)), "a list of tensors");
            return (ulong)list;
        }

        internal ulong Handle(Tensor tensor)
        {
            nint handle;
            Check(_newHandle(tensor.Handle, &handle), "a handle of a tensor");
            GC.KeepAlive(tensor);
            return (ulong)handle;
        }

        internal void Call(string name, ulong* stack)
        {
            var bytes = Marshal.StringToCoTaskMemUTF8(name);
            byte none = 0;
            try
            {
                Check(_call((byte*)bytes, &none, stack, Conventions), name);
            }
            finally
            {
                Marshal.FreeCoTaskMem(bytes);
            }
        }

        private static void Check(int status, string what)
        {
            if (status != 0)
                throw new TorchException(what, "LibTorch failed; its reason is on standard error");
        }
    }
}
