namespace Sio.Torch.Nn;

/// <summary>
/// A layer whose weight is divided by its largest singular value, which bounds how fast the output can change with the input (Miyato et al. 2018, "Spectral normalization for
/// generative adversarial networks", arXiv 1802.05957, algorithm 1). The singular value is estimated by one step of power iteration per forward pass in training, and by none in
/// evaluation. Names are those of <c>torch.nn.utils.spectral_norm</c>: weight_orig, weight_u, weight_v.
/// </summary>
public abstract class SpectralModule : Module
{
    private const double Eps = 1e-12;
    private static readonly Operator s_mv = new("mv");
    private static readonly Operator s_dot = new("dot");

    private readonly Tensor _weight;
    private readonly Tensor _u;
    private readonly Tensor _v;

    /// <summary>Registers the weight, the bias, and two random singular vectors.</summary>
    /// <param name="weight">[out, …]: as a matrix, all but the first dimension are one.</param>
    /// <param name="bias">The bias, or null.</param>
    /// <param name="generator">Makes the first vectors; the shared generator when left out.</param>
    private protected SpectralModule(Tensor weight, Tensor? bias, Generator? generator)
    {
        using var scope = new TensorScope();
        Bias = bias is null ? null : RegisterParameter("bias", bias);
        _weight = RegisterParameter("weight_orig", weight);
        var rows = weight.Size(0);
        _u = RegisterBuffer("weight_u", Normalized(Tensor.Randn([rows], generator)));
        _v = RegisterBuffer("weight_v", Normalized(Tensor.Randn([weight.Numel / rows], generator)));
    }

    /// <summary>The bias, or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>The weight over the present estimate of its largest singular value, σ = uᵀWv; gradients take σ's part in, with u and v held.</summary>
    /// <returns>A tensor of the weight's shape.</returns>
    public Tensor Weight()
    {
        using var scope = new TensorScope();
        var matrix = _weight.Flatten(1);
        if (Training)
            Iterate(matrix.Detach());
        // Copies: the next pass changes the vectors in place, and backward needs these.
        var (u, v) = (_u.Clone(), _v.Clone());
        var sigma = s_dot.Call(u, s_mv.Call(matrix, v));
        return scope.Keep(_weight / sigma);
    }

    private void Iterate(Tensor matrix)
    {
        using var noGrad = GradMode.NoGrad();
        _v.Copy_(Normalized(s_mv.Call(matrix.Transpose(0, 1), _u)));
        _u.Copy_(Normalized(s_mv.Call(matrix, _v)));
    }

    private static Tensor Normalized(Tensor vector) => vector / vector.Norm(0, keepDim: true).Clamp(Eps);
}

/// <summary><see cref="Linear"/> with spectral normalisation.</summary>
/// <param name="inFeatures">Input features.</param>
/// <param name="outFeatures">Output features.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralLinear(int inFeatures, int outFeatures, Generator? generator = null) : SpectralModule(
    Initial.Uniform([outFeatures, inFeatures], inFeatures, generator), Initial.Uniform([outFeatures], inFeatures, generator), generator)
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.Linear(Weight(), Bias);
}

/// <summary><see cref="Conv2d"/> with spectral normalisation of the weight as a matrix [out, in · kernel²].</summary>
/// <param name="inChannels">Input channels.</param>
/// <param name="outChannels">Output channels.</param>
/// <param name="kernelSize">Width and height of the kernel.</param>
/// <param name="padding">Zeros around the image.</param>
/// <param name="bias">Whether a bias is added.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralConv2d(int inChannels, int outChannels, int kernelSize, int padding = 0, bool bias = true, Generator? generator = null) : SpectralModule(
    Initial.Uniform([outChannels, inChannels, kernelSize, kernelSize], (long)inChannels * kernelSize * kernelSize, generator),
    bias ? Initial.Uniform([outChannels], (long)inChannels * kernelSize * kernelSize, generator) : null,
    generator)
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.Conv2d(Weight(), Bias, 1, padding);
}

/// <summary><see cref="Embedding"/> with spectral normalisation.</summary>
/// <param name="count">n.</param>
/// <param name="size">d.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralEmbedding(int count, int size, Generator? generator = null) : SpectralModule(Tensor.Empty([count, size]).Normal_(0, 1, generator), null, generator)
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => Weight().Embedding(input);
}
