namespace Sio.Torch;

/// <content>Shapes, parts and joints. Negative dimensions and positions count from the end.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Tensors joined along an existing dimension.</summary>
    public static Tensor Cat(Tensor[] tensors, long dim = 0) => Ops.Cat.Call(tensors, dim);

    /// <summary>Tensors of one shape joined along a new dimension.</summary>
    public static Tensor Stack(Tensor[] tensors, long dim = 0) => Ops.Stack.Call(tensors, dim);

    /// <summary>The elements under another shape; one length may be −1. Copied only where needed.</summary>
    public Tensor Reshape(params long[] shape) => Ops.Reshape.Call(this, shape);

    /// <summary>The same memory under another shape.</summary>
    /// <exception cref="TorchException">The memory does not allow it.</exception>
    public Tensor View(params long[] shape) => Ops.View.Call(this, shape);

    /// <summary>Dimensions in another order.</summary>
    public Tensor Permute(params long[] dims) => Ops.Permute.Call(this, dims);

    /// <summary>Two dimensions exchanged.</summary>
    public Tensor Transpose(long dim0, long dim1) => Ops.Transpose.Call(this, dim0, dim1);

    /// <summary>A range of dimensions made into one.</summary>
    public Tensor Flatten(long startDim = 0, long endDim = -1) => Ops.Flatten.Call(this, startDim, endDim);

    /// <summary>A dimension of length 1 removed; any other is left.</summary>
    public Tensor Squeeze(long dim) => Ops.Squeeze.Call(this, dim);

    /// <summary>A dimension of length 1 inserted.</summary>
    public Tensor Unsqueeze(long dim) => Ops.Unsqueeze.Call(this, dim);

    /// <summary>Dimensions of length 1 repeated to a shape without copying.</summary>
    public Tensor Expand(params long[] shape) => Ops.Expand.Call(this, shape);

    /// <summary>Pieces of a given length along a dimension; the last may be shorter.</summary>
    public Tensor[] Split(long size, long dim = 0) => Ops.Split.CallList(this, size, dim);

    /// <summary>A range of one dimension, sharing memory.</summary>
    public Tensor Narrow(long dim, long start, long length) => Ops.Narrow.Call(this, dim, start, length);

    /// <summary>One position of a dimension, which disappears; shares memory.</summary>
    public Tensor Select(long dim, long index) => Ops.Select.Call(this, dim, index);

    /// <summary>A range of one dimension with a step, sharing memory.</summary>
    public Tensor Slice(long dim, long? start = null, long? end = null, long step = 1) => Ops.Slice.Call(this, dim, start, end, step);

    /// <summary>Chosen positions of one dimension.</summary>
    public Tensor IndexSelect(long dim, Tensor index) => Ops.IndexSelect.Call(this, dim, index);

    /// <summary>One element per position of an index tensor along a dimension.</summary>
    public Tensor Gather(long dim, Tensor index) => Ops.Gather.Call(this, dim, index);

    /// <summary>The elements where a mask is true, as one dimension.</summary>
    public Tensor MaskedSelect(Tensor mask) => Ops.MaskedSelect.Call(this, mask);

    /// <summary>A copy with one value where a mask is true.</summary>
    public Tensor MaskedFill(Tensor mask, Scalar value) => Ops.MaskedFill.Call(this, mask, value);

    /// <summary>Dimensions in reverse order of elements.</summary>
    public Tensor Flip(params long[] dims) => Ops.Flip.Call(this, dims);

    /// <summary>Constant values around; pairs (before, after) starting with the last dimension.</summary>
    public Tensor Pad(long[] pad, Scalar? value = null) => Ops.Pad.Call(this, pad, value ?? 0);

    /// <summary>Matrix product: [n,k] × [k,m] → [n,m], batched and broadcast as PyTorch does.</summary>
    public Tensor MatMul(Tensor other) => Ops.MatMul.Call(this, other);

    /// <summary>beta · this + alpha · (a × b).</summary>
    public Tensor AddMm(Tensor a, Tensor b, double beta = 1, double alpha = 1) => Ops.AddMm.Call(this, a, b, beta, alpha);
}
