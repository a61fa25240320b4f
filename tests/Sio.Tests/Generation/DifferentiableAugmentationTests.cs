using Sio.Engine;
using Sio.Generation.Gan;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

public sealed class DifferentiableAugmentationTests
{
    private const int Count = 400;

    [Fact]
    public void A_shift_moves_whole_images_by_at_most_an_eighth()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var images = torch.zeros([Count, 1, 8, 16]);
        images.narrow(2, 4, 1).narrow(3, 8, 1).fill_(1);
        var shifted = DifferentiableAugmentation.Apply(images, [GanAugmentation.Translation], random).ToArray<float>();
        var places = new HashSet<(int Row, int Column)>();
        for (var i = 0; i < Count; i++)
        {
            var at = Assert.Single(Enumerable.Range(0, 8 * 16), pixel => shifted[(i * 8 * 16) + pixel] == 1);
            places.Add((at / 16, at % 16));
        }

        // One row and two columns each way.
        Assert.Equal([.. from row in new[] { 3, 4, 5 } from column in new[] { 6, 7, 8, 9, 10 } select (row, column)], places.Order());
    }

    [Fact]
    public void What_is_shifted_in_is_grey_and_all_channels_move_alike()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(2);
        var shifted = DifferentiableAugmentation.Apply(torch.ones([Count, 3, 8, 8]), [GanAugmentation.Translation], random);
        Assert.Equal([0f, 1f], shifted.ToArray<float>().Distinct().Order());
        Assert.Equal(shifted.select(1, 0).ToArray<float>(), shifted.select(1, 2).ToArray<float>());
    }

    [Fact]
    public void A_cutout_is_a_square_of_half_the_side()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var cut = DifferentiableAugmentation.Apply(torch.ones([Count, 1, 8, 8]), [GanAugmentation.Cutout], random);
        var rows = cut.amin([1, 3]).sum(1).ToArray<float>();
        var columns = cut.amin([1, 2]).sum(1).ToArray<float>();
        var missing = cut.flatten(1).sum(1).ToArray<float>();
        for (var i = 0; i < Count; i++)
        {
            // Rows (columns) without a hole; the hole is a full rectangle.
            Assert.InRange(rows[i], 4, 6);
            Assert.InRange(columns[i], 4, 6);
            Assert.Equal(64 - ((8 - rows[i]) * (8 - columns[i])), missing[i]);
        }

        Assert.Contains(4f, rows);
        Assert.Contains(6f, rows);
    }

    [Fact]
    public void Brightness_moves_and_contrast_stretches_an_image_as_a_whole()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4);
        var images = torch.cat([torch.full([Count, 1, 4, 2], -0.5, dtype: ScalarType.Float32), torch.full([Count, 1, 4, 2], 0.5, dtype: ScalarType.Float32)], dim: 3);
        var coloured = DifferentiableAugmentation.Apply(images, [GanAugmentation.Color], random);
        var means = coloured.mean([1, 2, 3]).ToArray<float>();
        var spreads = (coloured.select(3, 3) - coloured.select(3, 0)).flatten(1).mean([1]).ToArray<float>();
        Assert.InRange(means.Min(), -0.5f, -0.45f);
        Assert.InRange(means.Max(), 0.45f, 0.5f);
        Assert.InRange(spreads.Min(), 0.5f, 0.55f);
        Assert.InRange(spreads.Max(), 1.45f, 1.5f);
    }

    [Fact]
    public void Saturation_pulls_channels_to_or_from_their_mean_and_keeps_it()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        var images = torch.tensor(new float[] { 0.3f, 0f, -0.3f }, [1, 3, 1, 1]).expand(Count, 3, 4, 4);
        var coloured = DifferentiableAugmentation.Apply(images, [GanAugmentation.Color], random).mean([2, 3]).ToArray<float>();
        var spreads = Enumerable.Range(0, Count).Select(i => coloured[i * 3] - coloured[(i * 3) + 2]).ToArray();
        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(coloured[(i * 3) + 1], (coloured[i * 3] + coloured[(i * 3) + 2]) / 2, 4));
        // 0.6, by 0 to 2 (saturation) and ½ to 1½ (contrast).
        Assert.InRange(spreads.Min(), 0f, 0.05f);
        Assert.InRange(spreads.Max(), 1.2f, 1.8f);
    }

    [Fact]
    public void Gradients_reach_the_images_and_the_same_numbers_give_the_same()
    {
        using var scope = NewDisposeScope();
        GanAugmentation[] all = [GanAugmentation.Color, GanAugmentation.Translation, GanAugmentation.Cutout];
        using Generator random = new(6), again = new(6), weights = new(7);
        var images = torch.rand([4, 3, 8, 8], generator: weights);
        images.requires_grad = true;
        var augmented = DifferentiableAugmentation.Apply(images, all, random);
        Assert.Equal(augmented.ToArray<float>(), DifferentiableAugmentation.Apply(images.detach(), all, again).ToArray<float>());
        augmented.square().sum().backward();
        Assert.All(images.grad!.abs().flatten(1).sum(1).ToArray<float>(), sum => Assert.True(sum > 0));
        Assert.Equal(images.ToArray<float>(), DifferentiableAugmentation.Apply(images, [], random).ToArray<float>());
    }
}
