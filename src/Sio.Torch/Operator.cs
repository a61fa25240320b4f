using System.Runtime.InteropServices;
using System.Text;
using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// An ATen operator, called through LibTorch's boxed dispatcher. The typed methods of <see cref="Tensor"/> are thin
/// wrappers over this; what they do not offer is reached by name: <c>new Operator("aten::roll").Call(x, …)</c>.
/// </summary>
/// <remarks>Finding the schema costs a dictionary look-up once; a call costs a few microseconds over the kernel.</remarks>
public sealed unsafe class Operator
{
    private const int StackBytes = 1024;

    // Far beyond any schema; the arguments go on the stack.
    private const int MaxArguments = 256;

    private readonly string _name;
    private readonly string _overload;
    private nint _handle;

    /// <summary>Names an operator; it is looked up when first called.</summary>
    /// <param name="name">Name and overload as in PyTorch's <c>native_functions.yaml</c>, e.g. <c>aten::add.Tensor</c>;
    /// without a namespace, <c>aten::</c> is meant.</param>
    public Operator(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var full = name.Contains("::", StringComparison.Ordinal) ? name : "aten::" + name;
        var dot = full.IndexOf('.', StringComparison.Ordinal);
        _name = dot < 0 ? full : full[..dot];
        _overload = dot < 0 ? string.Empty : full[(dot + 1)..];
        Name = full;
    }

    /// <summary>Name with namespace and overload.</summary>
    public string Name { get; }

    /// <summary>The schema, e.g. <c>aten::relu(Tensor self) -> Tensor</c>.</summary>
    /// <exception cref="TorchException">This LibTorch has no such operator.</exception>
    public string Schema => NativeMethods.Text(NativeMethods.sio_operator_schema(Resolve()));

    /// <summary>Calls an operator that returns one tensor.</summary>
    /// <param name="arguments">In the schema's order; those left out at the end take their defaults.</param>
    /// <exception cref="TorchException">LibTorch refused the call.</exception>
    /// <exception cref="ObjectDisposedException">A tensor has been disposed.</exception>
    public Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        if (result.Tag == ValueTag.Tensor)
            return new Tensor(result.Pointer);
        Free(result);
        throw Unexpected(result, "a tensor");
    }

    /// <summary>Calls an operator for its effect, such as an in-place one, and drops what it returns.</summary>
    /// <inheritdoc cref="Call" path="/param|/exception"/>
    public void Run(params ReadOnlySpan<Argument> arguments) => Invoke(arguments, null, 0);

    /// <summary>Calls an operator that returns two tensors.</summary>
    /// <inheritdoc cref="Call" path="/param|/exception"/>
    public (Tensor First, Tensor Second) CallPair(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        if (results[0].Tag != ValueTag.Tensor || results[1].Tag != ValueTag.Tensor)
        {
            Free(results[0]);
            Free(results[1]);
            throw Unexpected(results[0], "two tensors");
        }

        return (new Tensor(results[0].Pointer), new Tensor(results[1].Pointer));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    /// <inheritdoc cref="Call" path="/param|/exception"/>
    public Tensor[] CallList(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        if (result.Tag != ValueTag.TensorList)
        {
            Free(result);
            throw Unexpected(result, "a list of tensors");
        }

        var pointers = (nint*)result.Pointer;
        var tensors = new Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = new Tensor(pointers[i]);
        NativeMethods.sio_list_free(result.Pointer);
        return tensors;
    }

    /// <summary>Calls an operator that returns a number, such as <c>aten::item</c>.</summary>
    /// <inheritdoc cref="Call" path="/param|/exception"/>
    public Scalar CallScalar(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result = default;
        Invoke(arguments, &result, 1);
        if (result.Tag is ValueTag.Int or ValueTag.Bool)
            return Scalar.FromInt64(result.Integer);
        if (result.Tag == ValueTag.Double)
            return Scalar.FromDouble(result.Number);
        Free(result);
        throw Unexpected(result, "a number");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private nint Resolve()
    {
        var handle = _handle;
        if (handle != 0)
            return handle;
        NativeMethods.Check(NativeMethods.sio_operator_find(_name, _overload, &handle), "find operator");
        return _handle = handle;
    }

    private void Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity)
    {
        if (arguments.Length > MaxArguments)
            throw new ArgumentException($"{Name} is given {arguments.Length} arguments", nameof(arguments));
        var op = Resolve();
        var values = stackalloc NativeValue[arguments.Length];
        var extra = ListBytes(arguments);
        byte* lists = null;
        if (extra > StackBytes)
        {
            lists = (byte*)NativeMemory.Alloc((nuint)extra);
        }
        else if (extra > 0)
        {
            var room = stackalloc byte[StackBytes];
            lists = room;
        }

        var held = 0;
        int status;
        try
        {
            // Every handle is held for the length of the call: another thread may dispose a tensor at any moment.
            var next = lists;
            for (var i = 0; i < arguments.Length; i++)
                Marshal(in arguments[i], ref values[i], ref next, ref held);
            status = NativeMethods.sio_operator_call(op, values, arguments.Length, results, capacity);
        }
        finally
        {
            Release(arguments, held);
            if (extra > StackBytes)
                NativeMemory.Free(lists);
        }

        if (status != 0)
        {
            // First the reason: describing asks the library, whose next error would take this one's place.
            var reason = NativeMethods.Text(NativeMethods.sio_last_error());
            throw new TorchException(Describe(arguments), reason);
        }
    }

    private static int ListBytes(ReadOnlySpan<Argument> arguments)
    {
        var bytes = 0;
        foreach (ref readonly var argument in arguments)
        {
            // Each list starts at a multiple of eight.
            bytes = checked(bytes + argument.Tag switch
            {
                ValueTag.IntList => ((long[])argument.Reference!).Length * sizeof(long),
                ValueTag.DoubleList => ((double[])argument.Reference!).Length * sizeof(double),
                ValueTag.BoolList => (((bool[])argument.Reference!).Length + 7) & ~7,
                ValueTag.TensorList => ((Tensor?[])argument.Reference!).Length * sizeof(nint),
                ValueTag.String => (Encoding.UTF8.GetByteCount((string)argument.Reference!) + 7) & ~7,
                _ => 0,
            });
        }

        return bytes;
    }

    private static void Marshal(in Argument argument, ref NativeValue value, ref byte* next, ref int held)
    {
        value.Tag = argument.Tag;
        value.Integer = argument.Bits;
        value.Count = 0;
        switch (argument.Tag)
        {
            case ValueTag.Tensor:
                value.Pointer = Hold(((Tensor)argument.Reference!).Handle, ref held);
                break;
            case ValueTag.Generator:
                value.Pointer = Hold(((Generator)argument.Reference!).Handle, ref held);
                break;
            case ValueTag.IntList:
                Copy<long>((long[])argument.Reference!, ref value, ref next);
                break;
            case ValueTag.DoubleList:
                Copy<double>((double[])argument.Reference!, ref value, ref next);
                break;
            case ValueTag.BoolList:
                Copy<bool>((bool[])argument.Reference!, ref value, ref next);
                break;
            case ValueTag.String:
                Copy<byte>(Encoding.UTF8.GetBytes((string)argument.Reference!), ref value, ref next);
                break;
            case ValueTag.TensorList:
                var tensors = (Tensor?[])argument.Reference!;
                var pointers = (nint*)next;
                for (var i = 0; i < tensors.Length; i++)
                    pointers[i] = tensors[i] is { } tensor ? Hold(tensor.Handle, ref held) : 0;
                value.Pointer = (nint)pointers;
                value.Count = tensors.Length;
                next += tensors.Length * sizeof(nint);
                break;
            default:
                break;
        }
    }

    private static void Copy<T>(ReadOnlySpan<T> source, ref NativeValue value, ref byte* next)
        where T : unmanaged
    {
        source.CopyTo(new Span<T>(next, source.Length));
        value.Pointer = (nint)next;
        value.Count = source.Length;
        next += ((source.Length * sizeof(T)) + 7) & ~7;
    }

    private static nint Hold(SafeHandle handle, ref int held)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        held++;
        return handle.DangerousGetHandle();
    }

    private static void Release(ReadOnlySpan<Argument> arguments, int held)
    {
        foreach (ref readonly var argument in arguments)
        {
            if (held == 0)
                return;
            switch (argument.Tag)
            {
                case ValueTag.Tensor:
                    ((Tensor)argument.Reference!).Handle.DangerousRelease();
                    held--;
                    break;
                case ValueTag.Generator:
                    ((Generator)argument.Reference!).Handle.DangerousRelease();
                    held--;
                    break;
                case ValueTag.TensorList:
                    foreach (var tensor in (Tensor?[])argument.Reference!)
                    {
                        if (tensor is null || held == 0)
                            continue;
                        tensor.Handle.DangerousRelease();
                        held--;
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private static void Free(NativeValue value)
    {
        if (value.Tag == ValueTag.Tensor)
        {
            NativeMethods.sio_tensor_free(value.Pointer);
        }
        else if (value.Tag == ValueTag.TensorList)
        {
            for (var i = 0; i < value.Count; i++)
                NativeMethods.sio_tensor_free(((nint*)value.Pointer)[i]);
            NativeMethods.sio_list_free(value.Pointer);
        }
    }

    private string Describe(ReadOnlySpan<Argument> arguments)
    {
        var text = new StringBuilder(Name).Append('(');
        for (var i = 0; i < arguments.Length; i++)
            text.Append(i == 0 ? string.Empty : ", ").Append(arguments[i].Describe());
        return text.Append(')').ToString();
    }

    private InvalidOperationException Unexpected(NativeValue result, string expected) =>
        new($"{Name} returned {result.Tag}, not {expected}: {Schema}");
}
