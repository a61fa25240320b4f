using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>A kind of augmentation whose parameters the network is told.</summary>
public enum DiffusionAugmentation
{
    /// <summary>Left and right exchanged, in half of the images.</summary>
    Flip,

    /// <summary>Top and bottom exchanged.</summary>
    FlipVertical,

    /// <summary>A shift by whole pixels, up to an eighth of each side.</summary>
    Shift,

    /// <summary>Larger or smaller: by 2^(0.2·a), a ~ N(0, 1).</summary>
    Scale,

    /// <summary>A turn by any angle.</summary>
    Rotate,

    /// <summary>Longer in one direction, shorter across: by 2^(0.2·a), a ~ N(0, 1).</summary>
    Stretch,

    /// <summary>A shift by fractions of a pixel: a/8 of each side, a ~ N(0, 1).</summary>
    Translate,
}

/// <summary>
/// Augmentation that does not leak into the samples: the network is told the parameters of each image, and in sampling that there are none (Karras et al. 2022, appendix F.2 and table 6; Jun
/// et al. 2020). All kinds together are one affine map, through which the image is read once, by bicubic interpolation, with its mirror image around it. The paper reads through a
/// wavelet filter instead, and has no shift by whole pixels.
/// </summary>
/// <param name="kinds">Which; applied in the order of the enumeration.</param>
/// <param name="probability">Of each kind but <see cref="DiffusionAugmentation.Flip"/>.</param>
internal sealed class ConditionedAugmentation(IReadOnlyList<DiffusionAugmentation> kinds, double probability)
{
    private const double LogScale = 0.2, MaxShift = 0.125;

    /// <summary>How many numbers the network is told.</summary>
    internal static int ParameterCount(IReadOnlyList<DiffusionAugmentation> kinds) =>
        kinds.Distinct().Sum(kind => kind is DiffusionAugmentation.Flip or DiffusionAugmentation.FlipVertical or DiffusionAugmentation.Scale ? 1 : 2);

    /// <summary>Augments images.</summary>
    /// <param name="images">[N,C,H,W].</param>
    /// <param name="random">Draws the parameters, where the images live.</param>
    /// <returns>The images, and what the network is told, [N,a], 0 for what an image does not have; null without augmentation.</returns>
    internal (Tensor Images, Tensor? Parameters) Apply(Tensor images, Generator random)
    {
        if (kinds.Count == 0)
            return (images, null);
        var draw = new Draw(images.size(0), images.size(2), images.size(3), probability, random);
        foreach (var kind in kinds.Distinct().Order())
            draw.Add(kind);
        var parameters = torch.stack([.. draw.Parameters], dim: 1);
        var grid = nn.functional.affine_grid(draw.Normalised(), images.shape);
        var read = DispatchedOperators.GridSampleBicubic(images, grid);
        // What is not augmented stays exactly as it is.
        var touched = parameters.abs().amax([1]).gt(0).view(-1, 1, 1, 1);
        return (torch.where(touched, read, images), parameters);
    }

    // Where each pixel of the result is read: a 3×3 matrix per image, in pixels from the image's centre.
    private sealed class Draw(long count, long height, long width, double probability, Generator random)
    {
        private readonly Tensor _zero = torch.zeros([count], device: random.device);
        private readonly Tensor _one = torch.ones([count], device: random.device);
        private Tensor? _map;

        internal List<Tensor> Parameters { get; } = [];

        internal void Add(DiffusionAugmentation kind)
        {
            switch (kind)
            {
                case DiffusionAugmentation.Flip or DiffusionAugmentation.FlipVertical:
                    var flipped = torch.randint(0, 2, [count], dtype: ScalarType.Int64, device: random.device, generator: random)
                        .to(ScalarType.Float32);
                    if (kind == DiffusionAugmentation.FlipVertical)
                        flipped = Sometimes() * flipped;
                    var sign = (Scalar)1 - (flipped * 2);
                    Then(kind == DiffusionAugmentation.Flip ? Matrix(sign, _zero, _zero, _one) : Matrix(_one, _zero, _zero, sign));
                    Parameters.Add(flipped);
                    break;
                case DiffusionAugmentation.Shift:
                    var on = Sometimes();
                    Move(Whole(width) * on, Whole(height) * on, MaxShift);
                    break;
                case DiffusionAugmentation.Scale:
                    var larger = Normal() * Sometimes();
                    var factor = (larger * -LogScale).exp2();
                    Then(Matrix(factor, _zero, _zero, factor));
                    Parameters.Add(larger);
                    break;
                case DiffusionAugmentation.Rotate:
                    var angle = Angle() * Sometimes();
                    var (cos, sin) = (angle.cos(), angle.sin());
                    Then(Matrix(cos, sin, -sin, cos));
                    Parameters.AddRange([cos - 1, sin]);
                    break;
                case DiffusionAugmentation.Stretch:
                    Stretch(Normal() * Sometimes(), Angle());
                    break;
                default:
                    var moved = Sometimes();
                    Move(Normal() * moved, Normal() * moved, MaxShift);
                    break;
            }
        }

        // Where grid_sampler reads, in halves of the sides: [N,2,3].
        internal Tensor Normalised()
        {
            float[] scale = [1, (float)height / width, 2f / width, (float)width / height, 1, 2f / height];
            return _map!.narrow(1, 0, 2) * torch.tensor(scale, [1, 2, 3]).to(random.device);
        }

        // By a share of each side; the content goes to the right and down, so it is read to the left and above.
        private void Move(Tensor right, Tensor down, double share)
        {
            Then(Matrix(_one, _zero, _zero, _one, right * (-share * width), down * (-share * height)));
            Parameters.AddRange([right, down]);
        }

        // R(r)·diag(1/s, s)·R(−r), s = 2^(0.2·a). The network is told a·(cos 2r, sin 2r), which is one and the same for one and the same map; the paper's a·(cos r, sin r) is not:
        // a along r and −a along r + π share it and are different maps.
        private void Stretch(Tensor amount, Tensor angle)
        {
            var (cos, sin, along, across) = (angle.cos(), angle.sin(), (amount * -LogScale).exp2(), (amount * LogScale).exp2());
            var mixed = (along - across) * cos * sin;
            Then(Matrix((along * cos.square()) + (across * sin.square()), mixed, mixed, (along * sin.square()) + (across * cos.square())));
            Parameters.AddRange([amount * (cos.square() - sin.square()), amount * cos * sin * 2]);
        }

        // Whole pixels in ±⅛ of the side, as a share of that.
        private Tensor Whole(long side) =>
            ((torch.rand([count], device: random.device, generator: random) * 2 - 1) * (side * MaxShift)).round() / (side * MaxShift);

        private Tensor Normal() => torch.randn([count], device: random.device, generator: random);

        private Tensor Angle() => (torch.rand([count], device: random.device, generator: random) * 2 - 1) * Math.PI;

        private Tensor Sometimes() => torch.rand([count], device: random.device, generator: random).lt(probability).to(ScalarType.Float32);

        private void Then(Tensor matrix) => _map = _map is null ? matrix : _map.matmul(matrix);

        private Tensor Matrix(Tensor a, Tensor b, Tensor c, Tensor d, Tensor? x = null, Tensor? y = null) =>
            torch.stack([a, b, x ?? _zero, c, d, y ?? _zero, _zero, _zero, _one], dim: 1).view(-1, 3, 3);
    }
}
