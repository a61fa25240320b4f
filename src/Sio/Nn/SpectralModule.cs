using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// A layer whose weight is divided by its largest singular value, which bounds how fast the output can change with the input (Miyato et al. 2018, "Spectral normalization for
/// generative adversarial networks", arXiv 1802.05957, algorithm 1). The singular value is estimated by one step of power iteration per forward pass in training, and by none in
/// evaluation. Names are those of <c>torch.nn.utils.spectral_norm</c>: weight_orig, weight_u, weight_v.
/// </summary>
public abstract class SpectralModule : NamedModule<Tensor, Tensor>
{
    private const double Eps = 1e-12;

    [ComponentName(Name = "weight_orig")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

    [ComponentName(Name = "weight_u")]
    private readonly Tensor _u;

    [ComponentName(Name = "weight_v")]
    private readonly Tensor _v;

    /// <summary>Registers the weight, the bias, and two random singular vectors.</summary>
    /// <param name="weight">[out, …]: as a matrix, all but the first dimension are one.</param>
    /// <param name="bias">The bias, or null.</param>
    /// <param name="generator">Makes the first vectors; the shared generator when left out.</param>
    private protected SpectralModule(Tensor weight, Tensor? bias, Generator? generator)
        : base(nameof(SpectralModule))
    {
        using var scope = NewDisposeScope();
        _bias = bias is null ? null : this.RegisterParameter("bias", bias);
        _weight = this.RegisterParameter("weight_orig", weight);
        var rows = _weight.size(0);
        _u = this.RegisterBuffer("weight_u", Normalized(torch.randn([rows], generator: generator)));
        _v = this.RegisterBuffer("weight_v", Normalized(torch.randn([_weight.numel() / rows], generator: generator)));
    }

    /// <summary>The bias, or null.</summary>
    public Parameter? bias
    {
        get => _bias;

        // TorchSharp's to() sets it.
        private protected set
        {
            _bias?.Dispose();
            ConditionallyRegisterParameter("bias", _bias = value);
        }
    }

    /// <summary>The weight over the present estimate of its largest singular value, σ = uᵀWv; gradients take σ's part in, with u and v held.</summary>
    /// <returns>A tensor of the weight's shape.</returns>
    public Tensor Weight()
    {
        using var scope = NewDisposeScope();
        var matrix = _weight.flatten(1);
        if (training)
            Iterate(matrix.detach());
        // Copies: the next pass changes the vectors in place, and backward needs these.
        var (u, v) = (_u.clone(), _v.clone());
        var sigma = u.dot(matrix.mv(v));
        return scope.MoveToOuter(_weight / sigma);
    }

    private void Iterate(Tensor matrix)
    {
        using var noGrad = no_grad();
        _v.copy_(Normalized(matrix.transpose(0, 1).mv(_u)));
        _u.copy_(Normalized(matrix.mv(_v)));
    }

    private static Tensor Normalized(Tensor vector) => vector / linalg.vector_norm(vector, dims: [0], keepdim: true).clamp(Eps);
}

/// <summary><see cref="Linear"/> with spectral normalisation.</summary>
/// <param name="inFeatures">Input features.</param>
/// <param name="outFeatures">Output features.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralLinear(int inFeatures, int outFeatures, Generator? generator = null) : SpectralModule(
    Initial.Uniform([outFeatures, inFeatures], inFeatures, generator), Initial.Uniform([outFeatures], inFeatures, generator), generator)
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Precision.Multiply(input, Weight(), bias));
    }
}

/// <summary><see cref="Conv2d"/> with spectral normalisation of the weight as a matrix [out, in · kernel²].</summary>
/// <param name="inChannels">Input channels.</param>
/// <param name="outChannels">Output channels.</param>
/// <param name="kernelSize">Width and height of the kernel.</param>
/// <param name="padding">Zeros around the image.</param>
/// <param name="hasBias">Whether a bias is added.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralConv2d(int inChannels, int outChannels, int kernelSize, int padding = 0, bool hasBias = true, Generator? generator = null) : SpectralModule(
    Initial.Uniform([outChannels, inChannels, kernelSize, kernelSize], (long)inChannels * kernelSize * kernelSize, generator),
    hasBias ? Initial.Uniform([outChannels], (long)inChannels * kernelSize * kernelSize, generator) : null,
    generator)
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Precision.Convolve(input, Weight(), bias, [1, 1], [padding, padding]));
    }
}

/// <summary><see cref="Embedding"/> with spectral normalisation.</summary>
/// <param name="count">n.</param>
/// <param name="size">d.</param>
/// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
public sealed class SpectralEmbedding(int count, int size, Generator? generator = null) : SpectralModule(torch.empty([count, size]).normal_(0, 1, generator), null, generator)
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Embedding.Rows(Weight(), input));
    }
}
