using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>x Wᵀ + b: [.., in] → [.., out].</summary>
/// <remarks>As TorchSharp's, but its initial weights come from a generator of one's own, and it computes in the type of <see cref="Precision"/>.</remarks>
public sealed class Linear : NamedModule<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

    /// <summary>Makes the layer with PyTorch's initial weights: uniform in ±1/√in.</summary>
    /// <param name="inFeatures">Input features.</param>
    /// <param name="outFeatures">Output features.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, Generator? generator = null)
        : base(nameof(Linear))
    {
        _weight = this.RegisterParameter("weight", Initial.Uniform([outFeatures, inFeatures], inFeatures, generator));
        _bias = bias ? this.RegisterParameter("bias", Initial.Uniform([outFeatures], inFeatures, generator)) : null;
    }

    /// <summary>[out, in].</summary>
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

    /// <inheritdoc/>
    /// <exception cref="TorchException">The input does not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        try
        {
            return Precision.Multiply(input, _weight, _bias);
        }
        catch (ExternalException error)
        {
            throw LayerErrors.In(this, error, input, _weight);
        }
    }
}
