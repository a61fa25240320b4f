namespace Sio.Torch;

/// <content>Sums, means, extremes, order. Negative dimensions count from the end.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Sum of all elements.</summary>
    public Tensor Sum() => Ops.Sum.Call(this);

    /// <summary>Sum over one dimension.</summary>
    public Tensor Sum(long dim, bool keepDim = false) => Ops.SumDim.Call(this, new[] { dim }, keepDim);

    /// <summary>Mean of all elements.</summary>
    public Tensor Mean() => Ops.Mean.Call(this);

    /// <summary>Mean over dimensions.</summary>
    public Tensor Mean(long[] dims, bool keepDim = false) => Ops.MeanDim.Call(this, dims, keepDim);

    /// <summary>Variance over dimensions, with the divisor n − correction.</summary>
    public Tensor Var(long[] dims, long correction = 1, bool keepDim = false) =>
        Ops.VarDim.Call(this, dims, correction, keepDim);

    /// <summary>The largest element.</summary>
    public Tensor Max() => Ops.Max.Call(this);

    /// <summary>The smallest element.</summary>
    public Tensor Min() => Ops.Min.Call(this);

    /// <summary>The largest elements along a dimension, and where they are.</summary>
    public (Tensor Values, Tensor Indices) Max(long dim, bool keepDim = false) => Ops.MaxDim.CallPair(this, dim, keepDim);

    /// <summary>The largest elements over dimensions.</summary>
    public Tensor Amax(long[] dims, bool keepDim = false) => Ops.Amax.Call(this, dims, keepDim);

    /// <summary>The smallest elements over dimensions.</summary>
    public Tensor Amin(long[] dims, bool keepDim = false) => Ops.Amin.Call(this, dims, keepDim);

    /// <summary>Where the largest element along a dimension is (int64).</summary>
    public Tensor ArgMax(long dim, bool keepDim = false) => Ops.ArgMax.Call(this, dim, keepDim);

    /// <summary>log Σ e^x over a dimension, without overflow.</summary>
    public Tensor LogSumExp(long dim, bool keepDim = false) => Ops.LogSumExp.Call(this, new[] { dim }, keepDim);

    /// <summary>The p-norm (Σ |x|^p)^(1/p) over a dimension.</summary>
    public Tensor Norm(long dim, double p = 2, bool keepDim = false) => Ops.NormDim.Call(this, p, new[] { dim }, keepDim);

    /// <summary>The k largest (or smallest) elements along a dimension, in order, and where they are.</summary>
    /// <exception cref="TorchException">k is larger than the dimension.</exception>
    public (Tensor Values, Tensor Indices) TopK(long k, long dim = -1, bool largest = true, bool sorted = true) =>
        Ops.TopK.CallPair(this, k, dim, largest, sorted);

    /// <summary>Elements in order along a dimension, and where they were.</summary>
    public (Tensor Values, Tensor Indices) Sort(long dim = -1, bool descending = false) => Ops.Sort.CallPair(this, dim, descending);

    /// <summary>Running sums along a dimension.</summary>
    public Tensor CumSum(long dim) => Ops.CumSum.Call(this, dim);
}
