namespace Sio.Torch;

/// <content>The functions networks are made of (<c>torch.nn.functional</c>).</content>
public sealed unsafe partial class Tensor
{
    /// <summary>2-D cross-correlation: [N,C,H,W] with weight [K,C/groups,kh,kw] → [N,K,H',W'].</summary>
    public Tensor Conv2d(Tensor weight, Tensor? bias = null, long stride = 1, long padding = 0, long dilation = 1, long groups = 1) =>
        Ops.Conv2d.Call(this, weight, bias, stride, padding, dilation, groups);

    /// <summary>Batch normalisation over all dimensions but the second.</summary>
    /// <param name="weight">Scale [C], or null.</param>
    /// <param name="bias">Shift [C], or null.</param>
    /// <param name="runningMean">Running mean [C], changed in training.</param>
    /// <param name="runningVar">Running variance [C], changed in training.</param>
    /// <param name="training">Use and learn the batch's statistics, not the running ones.</param>
    /// <param name="momentum">Weight of the new batch in the running statistics.</param>
    /// <param name="eps">Added to the variance.</param>
    public Tensor BatchNorm(
        Tensor? weight, Tensor? bias, Tensor? runningMean, Tensor? runningVar, bool training, double momentum = 0.1, double eps = 1e-5) =>
        Ops.BatchNorm.Call(this, weight, bias, runningMean, runningVar, training, momentum, eps, true);

    /// <summary>x Wᵀ + b: [.., in] with weight [out, in] → [.., out].</summary>
    public Tensor Linear(Tensor weight, Tensor? bias = null) => Ops.Linear.Call(this, weight, bias);

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => Ops.Relu.Call(this);

    /// <summary>max(x, 0), in place.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Relu_() => Same(Ops.Relu_);

    /// <summary>The largest element of each window.</summary>
    public Tensor MaxPool2d(long kernelSize, long? stride = null, long padding = 0) =>
        Ops.MaxPool2d.Call(this, kernelSize, new[] { stride ?? kernelSize, stride ?? kernelSize }, padding);

    /// <summary>The mean of each window.</summary>
    public Tensor AvgPool2d(long kernelSize, long? stride = null, long padding = 0) =>
        Ops.AvgPool2d.Call(this, kernelSize, new[] { stride ?? kernelSize, stride ?? kernelSize }, padding);

    /// <summary>Means over a grid of the given size: [N,C,H,W] → [N,C,size,size].</summary>
    public Tensor AdaptiveAvgPool2d(long size) => Ops.AdaptiveAvgPool2d.Call(this, new[] { size, size });

    /// <summary>Mean cross-entropy of logits [N,C] against class numbers [N] (int64).</summary>
    /// <param name="target">Classes from 0 to C − 1; −100 leaves a row out.</param>
    /// <param name="labelSmoothing">Share of the target spread evenly over all classes, in [0, 1].</param>
    public Tensor CrossEntropy(Tensor target, double labelSmoothing = 0) =>
        Ops.CrossEntropy.Call(this, target, null as Tensor, 1, -100, labelSmoothing);

    /// <summary>x − log Σ e^x over a dimension.</summary>
    public Tensor LogSoftmax(long dim) => Ops.LogSoftmax.Call(this, dim, null as DType?);

    /// <summary>e^x / Σ e^x over a dimension.</summary>
    public Tensor Softmax(long dim) => Ops.Softmax.Call(this, dim, null as DType?);

    /// <summary>Zeroes elements with probability p in training and scales the others by 1 / (1 − p).</summary>
    public Tensor Dropout(double p, bool training) => Ops.Dropout.Call(this, p, training);

    /// <summary>Class numbers (int64) as rows of zeros with a single one.</summary>
    public Tensor OneHot(long classes) => Ops.OneHot.Call(this, classes);

    /// <summary>x where x is positive, slope · x elsewhere.</summary>
    public Tensor LeakyRelu(double negativeSlope = 0.01) => Ops.LeakyRelu.Call(this, negativeSlope);

    /// <summary>log(1 + e^x), without overflow.</summary>
    public Tensor Softplus() => Ops.Softplus.Call(this);

    /// <summary>Rows of a table [n,d], this tensor, by number: [..] int64 → [.., d].</summary>
    /// <param name="indices">Row numbers from 0 to n − 1.</param>
    public Tensor Embedding(Tensor indices) => Ops.Embedding.Call(this, indices);

    /// <summary>Each pixel repeated: [N,C,H,W] → [N,C,factor·H,factor·W].</summary>
    /// <param name="factor">How often, in both directions; at least 1.</param>
    public Tensor UpsampleNearest2d(long factor) => Ops.UpsampleNearest2d.Call(this, null as long[], new[] { (double)factor, factor });

    /// <summary>Each pixel a weighted mean of its nearest four, the borders repeated: [N,C,H,W] → [N,C,factor·H,factor·W].</summary>
    /// <param name="factor">How much larger, in both directions; at least 1.</param>
    public Tensor UpsampleBilinear2d(long factor) => Ops.UpsampleBilinear2d.Call(this, null as long[], false, new[] { (double)factor, factor });
}
