using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>2-D convolution with square kernels: [N,in,H,W] → [N,out,H',W'], H' = (H + 2·padding − kernel) / stride + 1.</summary>
/// <remarks>As TorchSharp's, but its initial weights come from a generator of one's own, and it computes in the type of <see cref="Precision"/>.</remarks>
public sealed class Conv2d : NamedModule<Tensor, Tensor>
{
    private readonly long[] _stride;
    private readonly long[] _padding;

    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

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
        : base(nameof(Conv2d))
    {
        _stride = [stride, stride];
        _padding = [padding, padding];
        long fanIn = (long)inChannels * kernelSize * kernelSize;
        _weight = this.RegisterParameter("weight", Initial.Uniform([outChannels, inChannels, kernelSize, kernelSize], fanIn, generator));
        _bias = bias ? this.RegisterParameter("bias", Initial.Uniform([outChannels], fanIn, generator)) : null;
    }

    /// <summary>[out, in, kernel, kernel].</summary>
    public Parameter weight
    {
        get => _weight;

        // TorchSharp's to() sets it.
        private set
        {
            _weight.Dispose();
            ConditionallyRegisterParameter("weight", _weight = value);
        }
    }

    /// <summary>[out], or null.</summary>
    public Parameter? bias
    {
        get => _bias;

        // TorchSharp's to() sets it.
        private set
        {
            _bias?.Dispose();
            ConditionallyRegisterParameter("bias", _bias = value);
        }
    }

    /// <summary>Whether LibTorch computes this layer's gradients wrong where channels lie side by side in memory.</summary>
    internal bool KeepsPlainLayout => ConvolutionShape.BreaksInChannelsLast(_weight.size(1), _weight.size(2), _stride[0]);

    /// <summary>Step between windows, downwards and to the right.</summary>
    public IReadOnlyList<long> stride => _stride;

    /// <summary>Zeros above and below, and left and right.</summary>
    public IReadOnlyList<long> padding => _padding;

    /// <inheritdoc/>
    /// <exception cref="TorchException">The input does not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        try
        {
            if (BatchNormFolding.Current?.TryGet(this, out var foldedWeight, out var foldedBias) == true)
                return Precision.Convolve(input, foldedWeight, foldedBias, _stride, _padding);
            if (KeepsPlainLayout && !input.is_contiguous())
            {
                using var plain = input.contiguous();
                return forward(plain);
            }

            return Precision.Convolve(input, _weight, _bias, _stride, _padding);
        }
        catch (ExternalException error)
        {
            throw LayerErrors.In(this, error, input, _weight);
        }
    }
}
