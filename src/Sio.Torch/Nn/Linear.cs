namespace Sio.Torch.Nn;

/// <summary>x Wᵀ + b: [.., in] → [.., out].</summary>
public sealed class Linear : Module
{
    /// <summary>Makes the layer with PyTorch's initial weights: uniform in ±1/√in.</summary>
    /// <param name="inFeatures">Input features.</param>
    /// <param name="outFeatures">Output features.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, Generator? generator = null)
    {
        Weight = RegisterParameter("weight", Initial.Uniform([outFeatures, inFeatures], inFeatures, generator));
        Bias = bias ? RegisterParameter("bias", Initial.Uniform([outFeatures], inFeatures, generator)) : null;
    }

    /// <summary>[out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.Linear(Weight, Bias);
}
