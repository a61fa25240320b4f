using Sio.Torch;

namespace Sio.Generation.Gan;

/// <summary>
/// Augments what the discriminator sees, real and generated images alike, so that gradients reach the generator through it (Zhao et al. 2020, "Differentiable augmentation for data-efficient
/// GAN training", arXiv 2006.10738). Ranges are the paper's. Images are [N,C,H,W] in [−1, 1]; every image gets numbers of its own.
/// </summary>
internal static class DifferentiableAugmentation
{
    private const double MaxShift = 0.125;
    private const double CutoutSide = 0.5;

    /// <summary>Applies the augmentations, each kind at most once, in the order color, translation, cutout.</summary>
    internal static Tensor Apply(Tensor images, IReadOnlyList<GanAugmentation> kinds, Generator random)
    {
        using var scope = new TensorScope();
        var x = images;
        if (kinds.Contains(GanAugmentation.Color))
            x = Color(x, random);
        if (kinds.Contains(GanAugmentation.Translation))
            x = Translation(x, random);
        if (kinds.Contains(GanAugmentation.Cutout))
            x = Cutout(x, random);
        return scope.Keep(x);
    }

    // Brightness ±½; saturation 0 to 2 times, where there are colours; contrast ½ to 1½ times.
    private static Tensor Color(Tensor x, Generator random)
    {
        long[] each = [x.Size(0), 1, 1, 1];
        x = x + (Tensor.Rand(each, random) - 0.5);
        if (x.Size(1) > 1)
        {
            var grey = x.Mean([1], keepDim: true);
            x = grey.AddCMul(x - grey, Tensor.Rand(each, random) * 2);
        }

        var mean = x.Mean([1, 2, 3], keepDim: true);
        return mean.AddCMul(x - mean, Tensor.Rand(each, random) + 0.5);
    }

    // A shift by up to an eighth of each side, grey where nothing is.
    private static Tensor Translation(Tensor x, Generator random)
    {
        var (count, channels, height, width) = (x.Size(0), x.Size(1), x.Size(2), x.Size(3));
        var rows = Places(height);
        var columns = Places(width);
        // One grey pixel around the image: whatever lies outside is read from there.
        var index = (rows.Unsqueeze(2) * (width + 2) + columns.Unsqueeze(1)).Flatten(1).Unsqueeze(1).Expand(count, channels, height * width);
        return x.Pad([1, 1, 1, 1]).Flatten(2).Gather(2, index).View(count, channels, height, width);

        Tensor Places(long side)
        {
            var most = (long)((side * MaxShift) + 0.5);
            var shift = Tensor.RandInt(-most, most + 1, [count, 1], random);
            return (Tensor.Arange(1, side + 1, 1, DType.Int64, x.Device) + shift).Clamp(0, side + 1);
        }
    }

    // A grey square of half the image's side; its centre may be anywhere, so part of it may lie outside.
    private static Tensor Cutout(Tensor x, Generator random)
    {
        var count = x.Size(0);
        var kept = Kept(x.Size(2)).Unsqueeze(2).Maximum(Kept(x.Size(3)).Unsqueeze(1));
        return x * kept.Unsqueeze(1);

        // 1 in rows (or columns) that the square does not meet.
        Tensor Kept(long side)
        {
            var size = (long)((side * CutoutSide) + 0.5);
            var first = Tensor.RandInt(0, side + 1 - (size % 2), [count, 1], random) - (size / 2);
            var place = Tensor.Arange(0, side, 1, DType.Int64, x.Device) - first;
            return (place.Clamp(0, size - 1) - place).Abs().Clamp(0, 1).To(DType.Float32);
        }
    }
}
