using Sio.Torch;
using Sio.Training;
using Sio.Training.Objectives;

namespace Sio.Tests.Training.Objectives;

/// <summary>How a step weighs images, smooths labels and keeps batch norm's statistics apart.</summary>
public sealed class ObjectiveStepTests
{
    [Fact]
    public void Weights_make_a_weighted_mean()
    {
        using var scope = new TensorScope();
        var plain = ToySteps.Of(3, 2);
        var weighted = new ObjectiveStep
        {
            Network = plain.Network, Images = plain.Images, Labels = plain.Labels, RealCount = 2, Random = plain.Random, Draws = plain.Draws, Weights = Tensor.From([1f, 1f, 2f], 3),
        };
        var values = Tensor.From([1f, 3f, 10f], 3);
        Assert.Equal(14 / 3.0, plain.Mean(values).Item().ToDouble(), 1e-6);
        Assert.Equal(24 / 4.0, weighted.Mean(values).Item().ToDouble(), 1e-6);

        // Twice the batch, as with two views: the same weights again.
        var twice = Tensor.From([1f, 3f, 10f, 2f, 4f, 11f], 6);
        Assert.Equal((24 + 28) / 8.0, weighted.Mean(twice).Item().ToDouble(), 1e-6);
        Assert.Throws<ArgumentException>(() => weighted.Mean(Tensor.Zeros([4])));
        plain.Network.Dispose();
        plain.Random.Dispose();
    }

    [Fact]
    public void Labels_of_synthetic_images_alone_can_be_smoothed()
    {
        using var scope = new TensorScope();
        var logits = Tensor.From([2f, -1f, 0.5f, 0f, 1f, 3f], 2, 3);
        var labels = Tensor.From([0L, 2L], 2);
        using var random = new Generator(1, Device.Cpu);
        using var network = ToySteps.Network("cross_entropy");
        var step = new ObjectiveStep
        {
            Network = network, Images = Tensor.Zeros([2, 1, 28, 28]), Labels = labels, RealCount = 1, Random = random, Draws = ToySteps.Of(1, 1).Draws,
            LabelSmoothing = 0, SyntheticLabelSmoothing = 0.3,
        };
        var values = step.CrossEntropies(logits, labels).ToArray<float>();
        Assert.Equal(logits.Narrow(0, 0, 1).CrossEntropy(labels.Narrow(0, 0, 1)).Item().ToDouble(), values[0], 1e-6);
        Assert.Equal(logits.Narrow(0, 1, 1).CrossEntropy(labels.Narrow(0, 1, 1), 0.3).Item().ToDouble(), values[1], 1e-6);
        Assert.Equal((values[0] + values[1]) / 2, step.CrossEntropy(logits, labels).Item().ToDouble(), 1e-6);
    }

    [Fact]
    public void Batch_norm_can_see_the_sources_apart()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(2, Device.Cpu);
        var plan = ToyTraining.Plan;
        using var apart = ClassifierFactory.Create(plan, "resnet8_28x28", ToyTraining.Real, generator);
        using var alone = ClassifierFactory.Create(plan, "resnet8_28x28", ToyTraining.Real, generator);
        alone.LoadStateDict(apart.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value));
        var (real, synthetic) = (Tensor.Randn([3, 1, 28, 28], generator), Tensor.Randn([2, 1, 28, 28], generator) * 5);
        var images = Tensor.Cat([real, synthetic]);
        var step = new ObjectiveStep
        {
            Network = apart, Images = images, Labels = Tensor.Zeros([5], DType.Int64), RealCount = 3, Random = generator, Draws = ToySteps.Of(1, 1).Draws, SeparateBatchNorm = true,
        };

        // Twice the batch: rows 0..2 and 5..7 are real.
        var features = step.Features(Tensor.Cat([images, images]));
        var ofReal = alone.Features(Tensor.Cat([real, real]));
        var statistics = alone.NamedBuffers().Where(entry => entry.Name.Contains("running", StringComparison.Ordinal)).Select(entry => entry.Value.Clone()).ToArray();
        Same(ofReal.Narrow(0, 0, 3), features.Narrow(0, 0, 3));
        Same(ofReal.Narrow(0, 3, 3), features.Narrow(0, 5, 3));
        var ofSynthetic = alone.Features(Tensor.Cat([synthetic, synthetic]));
        Same(ofSynthetic.Narrow(0, 0, 2), features.Narrow(0, 3, 2));
        Same(ofSynthetic.Narrow(0, 2, 2), features.Narrow(0, 8, 2));

        // The running statistics are those of the real images' pass.
        var own = apart.NamedBuffers().Where(entry => entry.Name.Contains("running", StringComparison.Ordinal)).Select(entry => entry.Value).ToArray();
        Assert.NotEmpty(own);
        foreach (var (mine, expected) in own.Zip(statistics))
            Assert.True(mine.ValuesEqual(expected));
    }

    [Fact]
    public void A_batch_of_synthetic_images_alone_leaves_separate_running_statistics_as_they_are()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3, Device.Cpu);
        using var network = ClassifierFactory.Create(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, generator);
        var before = Statistics();
        var images = Tensor.Randn([4, 1, 28, 28], generator);
        var step = new ObjectiveStep
        {
            Network = network, Images = images, Labels = Tensor.Zeros([4], DType.Int64), RealCount = 0, Random = generator, Draws = ToySteps.Of(1, 1).Draws, SeparateBatchNorm = true,
        };
        Assert.Equal(4, step.Features().Size(0));
        Assert.All(before.Zip(Statistics()), pair => Assert.True(pair.First.ValuesEqual(pair.Second)));

        // Auxiliary images go with the real ones, also where there are none of those.
        Assert.Equal(6, step.Features(images, Tensor.Randn([2, 1, 28, 28], generator)).Size(0));
        Assert.DoesNotContain(before.Zip(Statistics()), pair => pair.First.ValuesEqual(pair.Second));

        Tensor[] Statistics() => [.. network.NamedBuffers().Where(entry => entry.Name.EndsWith("running_mean", StringComparison.Ordinal)).Select(entry => entry.Value.Clone())];
    }

    private static void Same(Tensor expected, Tensor actual) => Assert.True((expected - actual).Abs().Max().Item().ToDouble() < 1e-5);
}
