using Sio.Engine;
using Sio.Nn;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>How a step weighs images, smooths labels and keeps batch norm's statistics apart.</summary>
public sealed class ObjectiveStepTests
{
    [Fact]
    public void Weights_make_a_weighted_mean()
    {
        using var scope = NewDisposeScope();
        var plain = ToySteps.Of(3, 2);
        var weighted = new ObjectiveStep
        {
            Network = plain.Network, Images = plain.Images, Labels = plain.Labels, RealCount = 2, Random = plain.Random, Draws = plain.Draws, Weights = torch.tensor(new float[] { 1f, 1f, 2f }, [3]),
        };
        var values = torch.tensor(new float[] { 1f, 3f, 10f }, [3]);
        Assert.Equal(14 / 3.0, plain.Mean(values).ToDouble(), 1e-6);
        Assert.Equal(24 / 4.0, weighted.Mean(values).ToDouble(), 1e-6);

        // Twice the batch, as with two views: the same weights again.
        var twice = torch.tensor(new float[] { 1f, 3f, 10f, 2f, 4f, 11f }, [6]);
        Assert.Equal((24 + 28) / 8.0, weighted.Mean(twice).ToDouble(), 1e-6);
        Assert.Throws<ArgumentException>(() => weighted.Mean(torch.zeros([4])));
        plain.Network.Dispose();
        plain.Random.Dispose();
    }

    [Fact]
    public void Labels_of_synthetic_images_alone_can_be_smoothed()
    {
        using var scope = NewDisposeScope();
        var logits = torch.tensor(new float[] { 2f, -1f, 0.5f, 0f, 1f, 3f }, [2, 3]);
        var labels = torch.tensor(new long[] { 0L, 2L }, [2]);
        using var random = new Generator(1, CPU);
        using var network = ToySteps.Network("cross_entropy");
        var step = new ObjectiveStep
        {
            Network = network, Images = torch.zeros([2, 1, 28, 28]), Labels = labels, RealCount = 1, Random = random, Draws = ToySteps.Of(1, 1).Draws,
            LabelSmoothing = 0, SyntheticLabelSmoothing = 0.3,
        };
        var values = step.CrossEntropies(logits, labels).ToArray<float>();
        Assert.Equal(nn.functional.cross_entropy(logits.narrow(0, 0, 1), labels.narrow(0, 0, 1)).ToDouble(), values[0], 1e-6);
        Assert.Equal(nn.functional.cross_entropy(logits.narrow(0, 1, 1), labels.narrow(0, 1, 1), label_smoothing: 0.3).ToDouble(), values[1], 1e-6);
        Assert.Equal((values[0] + values[1]) / 2, step.CrossEntropy(logits, labels).ToDouble(), 1e-6);
    }

    [Fact]
    public void Batch_norm_can_see_the_sources_apart()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2, CPU);
        var plan = ToyTraining.Plan;
        using var apart = ClassifierFactory.Create(plan, "resnet8_28x28", ToyTraining.Real, generator);
        using var alone = ClassifierFactory.Create(plan, "resnet8_28x28", ToyTraining.Real, generator);
        alone.LoadStateDict(apart.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value));
        var (real, synthetic) = (torch.randn([3, 1, 28, 28], generator: generator), torch.randn([2, 1, 28, 28], generator: generator) * 5);
        var images = torch.cat([real, synthetic]);
        var step = new ObjectiveStep
        {
            Network = apart, Images = images, Labels = torch.zeros([5], dtype: ScalarType.Int64), RealCount = 3, Random = generator, Draws = ToySteps.Of(1, 1).Draws, SeparateBatchNorm = true,
        };

        // Twice the batch: rows 0..2 and 5..7 are real.
        var features = step.Features(torch.cat([images, images]));
        var ofReal = alone.Features(torch.cat([real, real]));
        var statistics = alone.named_buffers().Where(entry => entry.name.Contains("running", StringComparison.Ordinal)).Select(entry => entry.buffer.clone()).ToArray();
        Same(ofReal.narrow(0, 0, 3), features.narrow(0, 0, 3));
        Same(ofReal.narrow(0, 3, 3), features.narrow(0, 5, 3));
        var ofSynthetic = alone.Features(torch.cat([synthetic, synthetic]));
        Same(ofSynthetic.narrow(0, 0, 2), features.narrow(0, 3, 2));
        Same(ofSynthetic.narrow(0, 2, 2), features.narrow(0, 8, 2));

        // The running statistics are those of the real images' pass.
        var own = apart.named_buffers().Where(entry => entry.name.Contains("running", StringComparison.Ordinal)).Select(entry => entry.buffer).ToArray();
        Assert.NotEmpty(own);
        foreach (var (mine, expected) in own.Zip(statistics))
            Assert.True(mine.ValuesEqual(expected));
    }

    [Fact]
    public void A_batch_of_synthetic_images_alone_leaves_separate_running_statistics_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using var network = ClassifierFactory.Create(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, generator);
        var before = Statistics();
        var images = torch.randn([4, 1, 28, 28], generator: generator);
        var step = new ObjectiveStep
        {
            Network = network, Images = images, Labels = torch.zeros([4], dtype: ScalarType.Int64), RealCount = 0, Random = generator, Draws = ToySteps.Of(1, 1).Draws, SeparateBatchNorm = true,
        };
        Assert.Equal(4, step.Features().size(0));
        Assert.All(before.Zip(Statistics()), pair => Assert.True(pair.First.ValuesEqual(pair.Second)));

        // Auxiliary images go with the real ones, also where there are none of those.
        Assert.Equal(6, step.Features(images, torch.randn([2, 1, 28, 28], generator: generator)).size(0));
        Assert.DoesNotContain(before.Zip(Statistics()), pair => pair.First.ValuesEqual(pair.Second));

        Tensor[] Statistics() => [.. network.named_buffers().Where(entry => entry.name.EndsWith("running_mean", StringComparison.Ordinal)).Select(entry => entry.buffer.clone())];
    }

    private static void Same(Tensor expected, Tensor actual) => Assert.True((expected - actual).abs().max().ToDouble() < 1e-5);
}
