using Sio.Data;
using Sio.Tests.Training.Objectives;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>What images count in the loss of a batch of two sources.</summary>
public sealed class SourceWeightsTests
{
    private static readonly float[] s_losses = [1, 2, 6, 10, 20];

    [Fact]
    public void Without_levers_there_are_no_weights_and_the_mean_is_the_plain_one()
    {
        Assert.Null(new SourceWeights(null, null).For(Batch));
        Assert.Equal(7.8, Mean(null, null, Batch), 1e-5);
    }

    // Real losses 1, 2 and 6 (mean 3), synthetic ones 10 and 20 (mean 15).
    [Theory]
    [InlineData(0.0, 3)]
    [InlineData(0.2, 5.4)]
    [InlineData(0.4, 7.8)]
    [InlineData(1.0, 15)]
    public void A_loss_weight_does_not_depend_on_how_many_images_there_are(double weight, double expected) => Assert.Equal(expected, Mean(weight, null, Batch), 1e-5);

    [Fact]
    public void Quality_weighs_synthetic_images_against_one_another()
    {
        // Images 4 and 1 of the synthetic set have the weights 3 and 1.
        float[] quality = [9, 1, 9, 9, 3];
        Assert.Equal((9 + (3 * 10) + 20) / 7.0, Mean(null, quality, Batch), 1e-5);
        Assert.Equal((0.8 * 3) + (0.2 * 12.5), Mean(0.2, quality, Batch), 1e-5);
    }

    [Fact]
    public void A_batch_of_one_source_has_its_mean()
    {
        Assert.Null(new SourceWeights(0.2, [1, 1]).For(new Batch([1, 2], [])));
        Assert.Null(new SourceWeights(0.2, null).For(new Batch([], [1, 0])));
        Assert.Equal([3f, 1f], new SourceWeights(0.2, [1, 3]).For(new Batch([], [1, 0]))!);
    }

    [Fact]
    public void Synthetic_images_without_any_weight_leave_the_loss_to_the_real_ones()
    {
        var none = new float[5];
        Assert.Equal(3, Mean(0.2, none, Batch), 1e-5);
        Assert.Equal(3, Mean(null, none, Batch), 1e-5);

        // Nothing is left to learn from then, and a loss of 0 says so.
        using var scope = NewDisposeScope();
        using var network = ToySteps.Network("cross_entropy");
        using var random = new Generator(1, CPU);
        var step = new ObjectiveStep
        {
            Network = network, Images = torch.zeros([2, 1, 28, 28]), Labels = torch.zeros([2], dtype: ScalarType.Int64), RealCount = 0, Random = random, Draws = ToySteps.Of(1, 1).Draws,
            Weights = torch.tensor(new SourceWeights(null, none).For(new Batch([], [1, 0]))!, [2]),
        };
        Assert.Equal(0, step.Mean(torch.tensor(new float[] { 3f, 4f }, [2])).ToDouble());
    }

    private static Batch Batch { get; } = new([0, 1, 2], [4, 1]);

    private static double Mean(double? weight, float[]? quality, Batch batch)
    {
        using var scope = NewDisposeScope();
        var plain = ToySteps.Of(5, 3);
        using var network = plain.Network;
        using var random = plain.Random;
        var weights = new SourceWeights(weight, quality).For(batch);
        var step = new ObjectiveStep
        {
            Network = network, Images = plain.Images, Labels = plain.Labels, RealCount = 3, Random = random, Draws = plain.Draws, Weights = weights is null ? null : torch.tensor(weights, [weights.Length]),
        };
        return step.Mean(torch.tensor(s_losses, [5])).ToDouble();
    }
}
