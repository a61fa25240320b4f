using System.Globalization;
using Sio.Data;
using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// The network of airbench (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", section 2.1): 2×2 convolutions that whiten the images' patches and are not trained, then three groups of two
/// 3×3 convolutions with 64, 256 and 256 channels, GELU, and a pooling that halves the image; the largest value of each channel, divided by 9, is the feature. It learns CIFAR-10 in ten epochs.
/// </summary>
/// <remarks>Other than there the last layer has a bias, which detectors ask for, and the whitening's shifts are trained throughout.</remarks>
[CatalogEntry("convnet_fast_32x32", "airbench's convolutions for 25 to 32 pixels, for training in minutes: 2 M parameters, 256 features", Paper = "Jordan 2024")]
public sealed class FastConvNet32x32 : Classifier, IFittedToImages
{
    private const int LeastSize = 25;
    private const int MostSize = 32;
    private const int Kernel = 2;
    private const int LastMap = 3;
    private const double FeatureScale = 1.0 / 9;
    private const int FittedImages = 1000;
    private const int Chunk = 100;
    private const double WhiteningEps = 5e-4;
    private static readonly int[] s_widths = [64, 256, 256];

    [ComponentName(Name = "whiten_weight")]
    private readonly Tensor _whitening;

    [ComponentName(Name = "whiten_bias")]
    private readonly Tensor _whiteningBias;

    private readonly Group[] _groups;

    /// <summary>Makes the network: convolutions hand their input on at first, as far as channels go, and are random beyond.</summary>
    /// <exception cref="ArgumentException">The images are smaller than 25×25 or larger than 32×32.</exception>
    public FastConvNet32x32(ClassifierShape shape, Generator? generator = null)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (Math.Min(shape.Height, shape.Width) < LeastSize || Math.Max(shape.Height, shape.Width) > MostSize)
            throw new ArgumentException($"convnet_fast_32x32 takes images of {LeastSize}×{LeastSize} to {MostSize}×{MostSize}, not {shape.Height}×{shape.Width}");
        var patch = shape.Channels * Kernel * Kernel;
        var bound = 1 / Math.Sqrt(patch);
        _whitening = this.RegisterBuffer("whiten_weight", torch.empty([2 * patch, shape.Channels, Kernel, Kernel]).uniform_(-bound, bound, generator: generator));
        _whiteningBias = this.RegisterParameter("whiten_bias", torch.empty([2 * patch]).uniform_(-bound, bound, generator: generator));
        _groups = new Group[s_widths.Length];
        for (var i = 0; i < _groups.Length; i++)
            _groups[i] = this.Register(string.Create(CultureInfo.InvariantCulture, $"group{i + 1}"), new Group(i == 0 ? 2 * patch : s_widths[i - 1], s_widths[i], generator));
        Head = this.Register("fc", new Linear(s_widths[^1], shape.Classes, generator: generator));
    }

    /// <inheritdoc/>
    public override Linear Head { get; }

    /// <summary>
    /// Sets the first layer: eigenvectors of E[p pᵀ] over all 2×2 patches p, each divided by √(eigenvalue + 5e-4), the largest first, then the same with the opposite sign. A thousand images, evenly over the set, tell enough.
    /// </summary>
    /// <inheritdoc cref="IFittedToImages.FitTo" path="/param"/>
    public void FitTo(ImageSet images, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(normalization);
        if (images.Count == 0)
            return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var transform = normalization.Evaluation();
        var size = _whitening.size(1) * Kernel * Kernel;
        var moment = torch.zeros([size, size], dtype: ScalarType.Float64);
        var count = Math.Min(images.Count, FittedImages);
        for (var start = 0; start < count; start += Chunk)
        {
            using var piece = NewDisposeScope();
            var batch = torch.empty([Math.Min(Chunk, count - start), images.Channels, images.Height, images.Width]);
            for (var i = 0; i < batch.size(0); i++)
                transform.FillPlain(images, (int)((long)(start + i) * images.Count / count), 1, batch.AsSpan<float>()[(i * images.ImageLength)..]);
            var patches = Patches(batch);
            moment.add_(patches.matmul(patches.transpose(0, 1)).div_((double)patches.size(1)), (double)batch.size(0) / count);
        }

        var (values, vectors) = linalg.eigh(moment);
        var rows = (vectors / (values + WhiteningEps).sqrt()).transpose(0, 1).flip(0).to(ScalarType.Float32).reshape(size, images.Channels, Kernel, Kernel);
        _whitening.copy_(torch.cat([rows, -rows]));
    }

    /// <inheritdoc/>
    protected override Tensor FeaturesCore(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        var x = Gelu(Precision.Convolve(images, _whitening, _whiteningBias, [1, 1], [0, 0]));
        foreach (var group in _groups)
            x = group.call(x);
        return nn.functional.max_pool2d(x, LastMap).flatten(1) * FeatureScale;
    }

    /// <summary>All patches of some images as columns, [C·2·2, patches] float64.</summary>
    private static Tensor Patches(Tensor images) =>
        nn.functional.unfold(images, Kernel).permute(1, 0, 2).flatten(1).to(ScalarType.Float64);

    private static Tensor Gelu(Tensor input) => nn.functional.gelu(input);

    /// <summary>Convolution, pooling, batch norm, GELU, convolution, batch norm, GELU. Batch norm only shifts: its scales stay 1.</summary>
    private sealed class Group : NamedModule<Tensor, Tensor>
    {
        private readonly Conv2d _conv1;
        private readonly Conv2d _conv2;
        private readonly BatchNorm2d _norm1;
        private readonly BatchNorm2d _norm2;

        public Group(int inChannels, int outChannels, Generator? generator)
            : base(nameof(Group))
        {
            _conv1 = this.Register("conv1", new Conv2d(inChannels, outChannels, 3, padding: 1, bias: false, generator: generator));
            _norm1 = this.Register("norm1", new BatchNorm2d(outChannels));
            _conv2 = this.Register("conv2", new Conv2d(outChannels, outChannels, 3, padding: 1, bias: false, generator: generator));
            _norm2 = this.Register("norm2", new BatchNorm2d(outChannels));
            (_norm1.weight.requires_grad, _norm2.weight.requires_grad) = (false, false);
            HandOn(_conv1.weight);
            HandOn(_conv2.weight);
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = Gelu(_norm1.call(nn.functional.max_pool2d(_conv1.call(input), 2)));
            return scope.MoveToOuter(Gelu(_norm2.call(_conv2.call(x))));
        }

        // The first filters give the input's channels as they are (Dirac's initial weights).
        private static void HandOn(Tensor weight)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var channels = Math.Min(weight.size(0), weight.size(1));
            var first = weight.narrow(0, 0, channels);
            first.zero_();
            first.select(3, 1).select(2, 1).copy_(torch.cat([torch.eye(channels), torch.zeros([channels, weight.size(1) - channels])], dim: 1));
        }
    }
}
