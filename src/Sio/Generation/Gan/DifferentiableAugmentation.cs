using TorchSharp;
using static TorchSharp.torch;

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
        using var scope = NewDisposeScope();
        var x = images;
        if (kinds.Contains(GanAugmentation.Color))
            x = Color(x, random);
        if (kinds.Contains(GanAugmentation.Translation))
            x = Translation(x, random);
        if (kinds.Contains(GanAugmentation.Cutout))
            x = Cutout(x, random);
        return scope.MoveToOuter(x);
    }

    // Brightness ±½; saturation 0 to 2 times, where there are colours; contrast ½ to 1½ times.
    private static Tensor Color(Tensor x, Generator random)
    {
        long[] each = [x.size(0), 1, 1, 1];
        x = x + (torch.rand(each, device: random.device, generator: random) - 0.5);
        if (x.size(1) > 1)
        {
            var grey = x.mean([1], keepdim: true);
            x = grey.addcmul(x - grey, torch.rand(each, device: random.device, generator: random) * 2, 1);
        }

        var mean = x.mean([1, 2, 3], keepdim: true);
        return mean.addcmul(x - mean, torch.rand(each, device: random.device, generator: random) + 0.5, 1);
    }

    // A shift by up to an eighth of each side, grey where nothing is.
    private static Tensor Translation(Tensor x, Generator random)
    {
        var (count, channels, height, width) = (x.size(0), x.size(1), x.size(2), x.size(3));
        var rows = Places(height);
        var columns = Places(width);
        // One grey pixel around the image: whatever lies outside is read from there.
        var index = (rows.unsqueeze(2) * (width + 2) + columns.unsqueeze(1)).flatten(1).unsqueeze(1).expand(count, channels, height * width);
        return nn.functional.pad(x, [1, 1, 1, 1]).flatten(2).gather(2, index).view(count, channels, height, width);

        Tensor Places(long side)
        {
            var most = (long)((side * MaxShift) + 0.5);
            var shift = torch.randint(-most, most + 1, [count, 1], dtype: ScalarType.Int64, device: random.device, generator: random);
            return (torch.arange(1, side + 1, 1, dtype: ScalarType.Int64, device: x.device) + shift).clamp(0, side + 1);
        }
    }

    // A grey square of half the image's side; its centre may be anywhere, so part of it may lie outside.
    private static Tensor Cutout(Tensor x, Generator random)
    {
        var count = x.size(0);
        var kept = Kept(x.size(2)).unsqueeze(2).maximum(Kept(x.size(3)).unsqueeze(1));
        return x * kept.unsqueeze(1);

        // 1 in rows (or columns) that the square does not meet.
        Tensor Kept(long side)
        {
            var size = (long)((side * CutoutSide) + 0.5);
            var first = torch.randint(0, side + 1 - (size % 2), [count, 1], dtype: ScalarType.Int64, device: random.device, generator: random)
                - (size / 2);
            var place = torch.arange(0, side, 1, dtype: ScalarType.Int64, device: x.device) - first;
            return (place.clamp(0, size - 1) - place).abs().clamp(0, 1).to(ScalarType.Float32);
        }
    }
}
