namespace Sio.Torch.Nn;

/// <summary>2-D convolution with square kernels: [N,in,H,W] → [N,out,H',W'], H' = (H + 2·padding − kernel) / stride + 1.</summary>
public sealed class Conv2d : Module
{
    private readonly long _stride;
    private readonly long _padding;

    /// <summary>Makes the layer with PyTorch's initial weights: uniform in ±1/√(in · kernel²).</summary>
    /// <param name="inChannels">Input channels.</param>
    /// <param name="outChannels">Output channels.</param>
    /// <param name="kernelSize">Width and height of the kernel.</param>
    /// <param name="stride">Step between windows.</param>
    /// <param name="padding">Zeros around the image.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
    public Conv2d(
        int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, bool bias = true, Generator? generator = null)
    {
        _stride = stride;
        _padding = padding;
        long fanIn = (long)inChannels * kernelSize * kernelSize;
        Weight = RegisterParameter("weight", Initial.Uniform([outChannels, inChannels, kernelSize, kernelSize], fanIn, generator));
        Bias = bias ? RegisterParameter("bias", Initial.Uniform([outChannels], fanIn, generator)) : null;
    }

    /// <summary>[out, in, kernel, kernel].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.Conv2d(Weight, Bias, _stride, _padding);
}
