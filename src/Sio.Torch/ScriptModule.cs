using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// A TorchScript module: a network that was saved in Python with <c>torch.jit.save</c>, or traced here. It runs without the code that made it.
/// </summary>
/// <remarks>
/// LibTorch watches the first call and compiles in the second, which are slow. A file holds a program, with operators that read and write files among those it may
/// use: load files only of people you trust.
/// </remarks>
public sealed unsafe class ScriptModule : IDisposable
{
    private readonly ScriptHandle _handle;

    private ScriptModule(nint pointer) => _handle = new ScriptHandle(pointer);

    /// <summary>Reads a TorchScript file. Its weights come to the CPU, wherever they were when it was written.</summary>
    /// <param name="path">A file of <c>torch.jit.save</c> or <see cref="Save"/>; a checkpoint of <c>torch.save</c> is none.</param>
    /// <exception cref="TorchException">The file is missing or damaged, or no TorchScript; one line.</exception>
    public static ScriptModule Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new TorchException("load TorchScript", Directory.Exists(path) ? $"{path} is a folder, not a file" : $"{path} does not exist");
        nint script;
        if (NativeMethods.sio_script_load(path, &script) != 0)
            throw new TorchException("load TorchScript", $"{path} is damaged or no TorchScript file ({Reason()})");
        return new ScriptModule(script);
    }

    /// <summary>
    /// Runs a function once and records its tensor operators; the module repeats them on other inputs. What the function decides by numbers it reads out
    /// (sizes, <see cref="Tensor.Item"/>, a branch) is recorded as it went with the example.
    /// </summary>
    /// <param name="forward">The function; it works on this thread, and leaves its results to the scope around it or to <see cref="Trace"/>, which frees them.</param>
    /// <param name="example">An input.</param>
    /// <param name="weights">
    /// Tensors the function uses that are to be the module's own, with their names, such as <see cref="Nn.Module.StateDict"/>; they are shared, not copied, until
    /// the module is frozen. Others become constants, and must not require gradients.
    /// </param>
    /// <returns>A module in evaluation mode whose <see cref="Forward"/> gives as many tensors as the function.</returns>
    /// <exception cref="TorchException">An operator cannot be recorded.</exception>
    public static ScriptModule Trace(Func<Tensor, Tensor[]> forward, Tensor example, IEnumerable<(string Name, Tensor Value)>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(example);
        (string Name, Tensor Value)[] named = [.. weights ?? []];
        // An attribute's name has no dots.
        var names = Array.ConvertAll(named, weight => weight.Name.Replace(".", "__", StringComparison.Ordinal));
        using var scope = new TensorScope();
        var call = new TracedCall(forward);
        var self = GCHandle.Alloc(call);
        try
        {
            nint script;
            int status;
            using (var held = new HeldTensors(Array.ConvertAll(named, weight => weight.Value)))
            {
                fixed (nint* pointers = held.Pointers)
                {
                    status = NativeMethods.sio_script_trace(
                        &TracedCall.Run, GCHandle.ToIntPtr(self), example.Handle, names, pointers, named.Length, &script);
                }
            }

            if (status != 0)
            {
                var reason = Reason();
                call.Failure?.Throw();
                throw new TorchException("trace", reason);
            }

            return new ScriptModule(script);
        }
        finally
        {
            self.Free();
        }
    }

    /// <summary>Runs the module.</summary>
    /// <param name="inputs">Its arguments.</param>
    /// <returns>The tensor it gives, or the elements of the tuple or list of tensors it gives.</returns>
    /// <exception cref="TorchException">The inputs do not fit, or the module gives something else; one line.</exception>
    public Tensor[] Forward(params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        nint* outputs = null;
        int count, status;
        using (var held = new HeldTensors(inputs))
        {
            fixed (nint* pointers = held.Pointers)
                status = NativeMethods.sio_script_forward(_handle, pointers, inputs.Length, &outputs, &count);
        }

        if (status != 0)
            throw new TorchException($"TorchScript forward({string.Join(", ", inputs.Select(input => input.ToString()))})", Reason());
        return Taken(outputs, count);
    }

    /// <summary>
    /// The module's parameters and buffers under their names in Python, <c>fc.weight</c>; they share its memory. A frozen module has none: there they are constants
    /// of the program.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Value)> Weights()
    {
        nint* tensors;
        byte* names;
        int count;
        NativeMethods.Check(NativeMethods.sio_script_weights(_handle, &tensors, &names, &count), "TorchScript weights");
        var lines = NativeMethods.Text(names).Split('\n');
        return [.. Taken(tensors, count).Select((tensor, i) => (lines[i], tensor))];
    }

    /// <summary>A copy whose weights are constants of its program, so that batch norm is folded into convolutions; it cannot be trained or moved.</summary>
    /// <exception cref="TorchException">The module is in training mode (call <see cref="Eval"/>).</exception>
    public ScriptModule Freeze()
    {
        nint frozen;
        var status = NativeMethods.sio_script_freeze(_handle, &frozen);
        return Made(status, frozen, "freeze TorchScript");
    }

    /// <summary>A copy, frozen if it was not, that LibTorch has rewritten for speed on this machine. Save before this: the result may have no file form.</summary>
    /// <exception cref="TorchException">The module is in training mode (call <see cref="Eval"/>).</exception>
    public ScriptModule OptimizeForInference()
    {
        nint optimized;
        var status = NativeMethods.sio_script_optimize(_handle, &optimized);
        return Made(status, optimized, "optimize TorchScript");
    }

    /// <summary>Writes the module; Python's <c>torch.jit.load</c> reads it.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="TorchException">It cannot be written; one line.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (NativeMethods.sio_script_save(_handle, path) != 0)
            throw new TorchException("save TorchScript", $"{path}: {Reason()}");
    }

    /// <summary>Sets the module to evaluation: running statistics, no dropout. A frozen module is as it is.</summary>
    public void Eval() => NativeMethods.Check(NativeMethods.sio_script_eval(_handle), "TorchScript eval");

    /// <summary>Moves parameters and buffers to a device. The constants of a frozen module stay where they are.</summary>
    /// <exception cref="TorchException">There is no such device.</exception>
    public void To(Device device) => NativeMethods.Check(NativeMethods.sio_script_to(_handle, (int)device.Type, device.Index), $"move TorchScript to {device}");

    /// <summary>Frees the module.</summary>
    public void Dispose() => _handle.Dispose();

    // One line of LibTorch's message: the reason stands first, or, where a call fails, behind the traceback through the module's program.
    private static string Reason()
    {
        const string mark = "RuntimeError: ";
        var text = NativeMethods.Text(NativeMethods.sio_last_error());
        var at = text.LastIndexOf(mark, StringComparison.Ordinal);
        return text[(at < 0 ? 0 : at + mark.Length)..].Split('\n', 2)[0].Trim();
    }

    private static Tensor[] Taken(nint* list, int count)
    {
        var tensors = new Tensor[count];
        for (var i = 0; i < count; i++)
            tensors[i] = new Tensor(list[i]);
        NativeMethods.sio_list_free((nint)list);
        return tensors;
    }

    private static ScriptModule Made(int status, nint script, string what) =>
        status == 0 ? new ScriptModule(script) : throw new TorchException(what, Reason());

    /// <summary>The native handles of some tensors, held until disposed: another thread may dispose a tensor at any moment.</summary>
    private readonly struct HeldTensors : IDisposable
    {
        private readonly List<Tensor> _held;

        internal HeldTensors(Tensor[] tensors)
        {
            _held = new List<Tensor>(tensors.Length);
            Pointers = new nint[tensors.Length];
            try
            {
                foreach (var tensor in tensors)
                {
                    var added = false;
                    tensor.Handle.DangerousAddRef(ref added);
                    Pointers[_held.Count] = tensor.Handle.DangerousGetHandle();
                    _held.Add(tensor);
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal nint[] Pointers { get; }

        public void Dispose()
        {
            foreach (var tensor in _held)
                tensor.Handle.DangerousRelease();
        }
    }

    /// <summary>The function under tracing as native code calls it; keeps its results, and what it threw, until tracing is over.</summary>
    private sealed class TracedCall(Func<Tensor, Tensor[]> forward)
    {
        private readonly Func<Tensor, Tensor[]> _forward = forward;
        private Tensor[] _outputs = [];

        internal ExceptionDispatchInfo? Failure { get; private set; }

        [UnmanagedCallersOnly]
        internal static int Run(nint context, nint input, nint* outputs, int capacity, int* count)
        {
            var call = (TracedCall)GCHandle.FromIntPtr(context).Target!;
            try
            {
                call._outputs = call._forward(new Tensor(input));
                if (call._outputs.Length == 0 || call._outputs.Length > capacity)
                    throw new ArgumentException($"the function gives {call._outputs.Length} tensors, from 1 to {capacity} can be traced");
                for (var i = 0; i < call._outputs.Length; i++)
                    outputs[i] = call._outputs[i].Handle.DangerousGetHandle();
                *count = call._outputs.Length;
                return 0;
            }
            catch (Exception error)
            {
                call.Failure = ExceptionDispatchInfo.Capture(error);
                return 1;
            }
        }

    }
}
