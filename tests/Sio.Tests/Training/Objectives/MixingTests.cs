using Sio.Data;
using Sio.Engine;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>CutMix against the peer's values, and mixed images pixel by pixel.</summary>
public sealed class MixingTests
{
    [Fact]
    public void Boxes_are_the_peers()
    {
        foreach (var expected in TrainingReference.Get("cutmix", "boxes").EnumerateArray())
        {
            int Number(string key) => expected.GetProperty(key).GetInt32();
            var (height, width) = (Number("size_dim2"), Number("size_dim3"));
            var box = CutBox.Around(Number("cx"), Number("cy"), height, width, expected.GetProperty("lambda_drawn").GetDouble());
            Assert.Equal((Number("x1"), Number("x2"), Number("y1"), Number("y2")), (box.Top, box.Bottom, box.Left, box.Right));
            Assert.Equal(expected.GetProperty("lambda_adjusted").GetDouble(), box.Remaining(height, width), 1e-12);
        }
    }

    [Fact]
    public void The_loss_is_the_peers()
    {
        using var scope = NewDisposeScope();
        var expected = TrainingReference.Get("cutmix", "loss");
        var (logits, labels) = (TrainingReference.Logits(), TrainingReference.Target());
        var step = ToySteps.Of(logits.size(0), real: 5, labels: labels);
        var partners = TrainingReference.Labels(expected.GetProperty("permutation"));
        Assert.Equal(TrainingReference.Labels(expected.GetProperty("target_b")).ToArray<long>(), labels.index_select(0, partners).ToArray<long>());
        var loss = Mixing.CrossEntropy(step, logits, partners, expected.GetProperty("lambda").GetDouble());
        TrainingReference.AssertClose(expected.GetProperty("value"), loss);
        loss.backward();
        TrainingReference.AssertClose(expected.GetProperty("grad_logits"), logits.grad!);
    }

    // Image 2 is synthetic, and the partner of image 0; weights and smoothing go where its label goes.
    [Fact]
    public void Each_label_has_the_weight_and_the_smoothing_of_its_own_image()
    {
        using var scope = NewDisposeScope();
        var plain = ToySteps.Of(3, 2);
        var step = new ObjectiveStep
        {
            Network = plain.Network, Images = plain.Images, Labels = torch.tensor(new long[] { 0L, 1, 2 }, [3]), RealCount = 2, Random = plain.Random, Draws = plain.Draws,
            Weights = torch.tensor(new float[] { 1f, 1, 4 }, [3]), LabelSmoothing = 0.1, SyntheticLabelSmoothing = 0.4,
        };
        var logits = torch.tensor(new float[] { 2f, 0, -1, 0.5f, 1, 1, -2, 0, 3 }, [3, 3]);
        var values = logits.log_softmax(1).ToArray<float>().Chunk(3).ToArray();
        double Smoothed(int row, int label, double smoothing) => -((1 - smoothing) * values[row][label]) - (smoothing * values[row].Average());
        var expected = (0.7 * (Smoothed(0, 0, 0.1) + Smoothed(1, 1, 0.1) + (4 * Smoothed(2, 2, 0.4))) / 6)
            + (0.3 * ((4 * Smoothed(0, 2, 0.4)) + Smoothed(1, 0, 0.1) + Smoothed(2, 1, 0.1)) / 6);
        Assert.Equal(expected, Mixing.CrossEntropy(step, logits, torch.tensor(new long[] { 2L, 0, 1 }, [3]), 0.7).ToDouble(), 1e-5);
        plain.Network.Dispose();
        plain.Random.Dispose();
    }

    [Fact]
    public void A_cut_image_has_the_others_pixels_in_one_box_and_its_own_elsewhere()
    {
        using var scope = NewDisposeScope();
        var (images, others) = (torch.zeros([2, 3, 28, 20]), torch.ones([2, 3, 28, 20]));
        var draws = RandomStream.For(1, "test");
        for (var i = 0; i < 20; i++)
        {
            var (mixed, share) = Mixing.Cut(images, others, 0.1 + (0.04 * i), draws);
            var values = mixed.ToArray<float>();
            Assert.Equal(1 - share, values.Average(), 1e-6);
            var first = values[..(28 * 20)];
            int[] rows = [.. Enumerable.Range(0, first.Length).Where(p => first[p] == 1).Select(p => p / 20).Distinct()];
            int[] columns = [.. Enumerable.Range(0, first.Length).Where(p => first[p] == 1).Select(p => p % 20).Distinct()];
            Assert.Equal(first.Sum(), rows.Length * columns.Length);
            for (var plane = 1; plane < 6; plane++)
                Assert.Equal(first, values[(plane * first.Length)..((plane + 1) * first.Length)]);
        }

        Assert.All(images.ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_share_of_1_leaves_the_batch_as_it_is()
    {
        using var scope = NewDisposeScope();
        var images = torch.zeros([1, 1, 8, 8]);
        var (mixed, share) = Mixing.Cut(images, torch.ones([1, 1, 8, 8]), 1, RandomStream.For(1, "test"));
        Assert.Equal(1, share);
        Assert.True(mixed.ValuesEqual(images));
    }

    [Fact]
    public void Blending_keeps_the_share()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0.5f, 4f], Mixing.Blend(torch.tensor(new float[] { 2f, 1f }, [1, 1, 1, 2]), torch.tensor(new float[] { 0f, 5f }, [1, 1, 1, 2]), 0.25).ToArray<float>());
    }

    [Fact]
    public void Every_image_is_somebodys_partner_once()
    {
        using var scope = NewDisposeScope();
        var step = ToySteps.Of(9, 9);
        Assert.Equal(Enumerable.Range(0, 9).Select(i => (long)i), Mixing.Partners(step).ToArray<long>().Order());
        step.Network.Dispose();
        step.Random.Dispose();
    }

    /// <summary>Two classes, z = (1, 0), y = 0, a share of ¾: ¾·CE(z, y) + ¼·CE(z, U) with CE(z, 0) = log(1 + e⁻¹) and CE(z, U) half a unit more.</summary>
    [Fact]
    public void Labels_mixed_with_the_uniform_distribution()
    {
        using var scope = NewDisposeScope();
        var step = ToySteps.Of(1, 1);
        var value = MixOe.Mixed(step, torch.tensor(new float[] { 1f, 0f }, [1, 2]), 0.75).ToDouble();
        Assert.Equal(Math.Log(1 + Math.Exp(-1)) + (0.25 * 0.5), value, 1e-6);
        step.Network.Dispose();
        step.Random.Dispose();
    }
}
