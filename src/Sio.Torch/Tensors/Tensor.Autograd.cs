using Sio.Torch.Native;

namespace Sio.Torch;

/// <content>Gradients.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Whether operators on this tensor are recorded for backward.</summary>
    /// <exception cref="TorchException">Cleared on a tensor that is not a leaf, or set on one of integers.</exception>
    public bool RequiresGrad
    {
        get
        {
            int yes;
            NativeMethods.Check(NativeMethods.sio_tensor_requires_grad(Handle, &yes), "requires_grad");
            return yes != 0;
        }

        set => NativeMethods.Check(NativeMethods.sio_tensor_set_requires_grad(Handle, value ? 1 : 0), $"requires_grad_({Describe()})");
    }

    /// <summary>Whether the tensor was made by the user, not by a recorded operator.</summary>
    public bool IsLeaf
    {
        get
        {
            int yes;
            NativeMethods.Check(NativeMethods.sio_tensor_is_leaf(Handle, &yes), "is_leaf");
            return yes != 0;
        }
    }

    /// <summary>The gradient that backward has added up here, or null. Each read makes a new handle of the same tensor.</summary>
    /// <exception cref="TorchException">Set to a tensor of another shape, type or device, or to the tensor itself.</exception>
    public Tensor? Grad
    {
        get
        {
            nint grad;
            NativeMethods.Check(NativeMethods.sio_tensor_grad(Handle, &grad), "grad");
            return grad == 0 ? null : new Tensor(grad);
        }

        set
        {
            var held = false;
            try
            {
                value?.Handle.DangerousAddRef(ref held);
                var status = NativeMethods.sio_tensor_set_grad(Handle, value?.Handle.DangerousGetHandle() ?? 0);
                if (status != 0) // no text is made for nothing: each step sets every parameter's
                    NativeMethods.Check(status, $"set grad of {Describe()}");
            }
            finally
            {
                if (held)
                    value!.Handle.DangerousRelease();
            }
        }
    }

    /// <summary>Adds the gradients of this tensor to <see cref="Grad"/> of every leaf it was computed from.</summary>
    /// <param name="gradient">Gradient with respect to this tensor, of its shape; may be left out for a single number.</param>
    /// <param name="retainGraph">Keep the graph for another backward.</param>
    /// <param name="createGraph">Record the backward itself, for second derivatives.</param>
    /// <exception cref="TorchException">Nothing here requires a gradient, or the graph has been freed.</exception>
    public void Backward(Tensor? gradient = null, bool retainGraph = false, bool createGraph = false)
    {
        var held = false;
        try
        {
            gradient?.Handle.DangerousAddRef(ref held);
            NativeMethods.Check(
                NativeMethods.sio_backward(
                    Handle, gradient?.Handle.DangerousGetHandle() ?? 0, retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0),
                $"backward({Describe()})");
        }
        finally
        {
            if (held)
                gradient!.Handle.DangerousRelease();
        }
    }

    /// <summary>Gradients of this tensor with respect to others, like <c>torch.autograd.grad</c>; no <see cref="Grad"/> changes.</summary>
    /// <param name="inputs">Tensors that require gradients.</param>
    /// <param name="gradient">Gradient with respect to this tensor; may be left out for a single number.</param>
    /// <param name="retainGraph">Keep the graph for another backward.</param>
    /// <param name="createGraph">Record the backward itself, for second derivatives.</param>
    /// <param name="allowUnused">Give null, not an error, for an input that this tensor does not depend on.</param>
    /// <returns>One gradient per input, of its shape.</returns>
    /// <exception cref="TorchException">An input is not part of the graph, or the graph has been freed.</exception>
    public Tensor?[] Gradients(
        ReadOnlySpan<Tensor> inputs, Tensor? gradient = null, bool retainGraph = false, bool createGraph = false, bool allowUnused = false)
    {
        var pointers = new nint[inputs.Length];
        var results = new nint[inputs.Length];
        var held = 0;
        var gradientHeld = false;
        try
        {
            for (; held < inputs.Length; held++)
            {
                var added = false;
                inputs[held].Handle.DangerousAddRef(ref added);
                pointers[held] = inputs[held].Handle.DangerousGetHandle();
            }

            gradient?.Handle.DangerousAddRef(ref gradientHeld);
            fixed (nint* wanted = pointers, found = results)
            {
                NativeMethods.Check(
                    NativeMethods.sio_gradients(
                        Handle, gradient?.Handle.DangerousGetHandle() ?? 0, wanted, inputs.Length,
                        retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0, allowUnused ? 1 : 0, found),
                    $"gradients({Describe()})");
            }
        }
        finally
        {
            for (var i = 0; i < held; i++)
                inputs[i].Handle.DangerousRelease();
            if (gradientHeld)
                gradient!.Handle.DangerousRelease();
        }

        return Array.ConvertAll(results, pointer => pointer == 0 ? null : new Tensor(pointer));
    }

    /// <summary>The same elements without the history.</summary>
    public Tensor Detach() => Ops.Detach.Call(this);

    /// <summary>Makes this tensor stand for other elements, of any shape or device, outside autograd's sight.</summary>
    /// <param name="data">The elements, which are shared.</param>
    internal void SetData(Tensor data) => Ops.SetData.Run(this, data);
}
