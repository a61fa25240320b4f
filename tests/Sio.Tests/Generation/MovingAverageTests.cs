using Sio.Engine;
using Sio.Generation;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

public sealed class MovingAverageTests
{
    [Fact]
    public void The_decay_halves_a_weight_after_the_half_life()
    {
        var plan = new GenerationPlan { BatchSize = 50, EmaImages = 1000, EmaRampUp = 0.1 };
        // Late: 1000/50 = 20 steps halve it.
        Assert.Equal(0.5, Math.Pow(MovingAverage.Decay(plan, 1_000_000), 20), 12);
        // After the 40th step 2,000 images are seen, a tenth of which is 200: 4 steps halve it.
        Assert.Equal(0.5, Math.Pow(MovingAverage.Decay(plan, 39), 4), 12);
        // The first step: half-life 5 images, so almost nothing of the initial weights stays.
        Assert.Equal(Math.Pow(0.5, 10), MovingAverage.Decay(plan, 0), 12);
    }

    [Fact]
    public void Weights_and_running_statistics_are_averaged_and_counters_copied()
    {
        using var scope = NewDisposeScope();
        using BatchNorm2d average = new(2), network = new(2);
        var (to, from) = (average.StateDict().ToDictionary(e => e.Name, e => e.Value), network.StateDict().ToDictionary(e => e.Name, e => e.Value));
        using (no_grad())
        {
            from["weight"].copy_(torch.tensor(new float[] { 3, 5 }));
            from["running_mean"].fill_(8);
            from["num_batches_tracked"].fill_(7);
        }

        MovingAverage.Update(average, network, 0.75);
        Assert.Equal([(0.75f * 1) + (0.25f * 3), (0.75f * 1) + (0.25f * 5)], to["weight"].ToArray<float>());
        Assert.Equal([2, 2], to["running_mean"].ToArray<float>());
        Assert.Equal([7L], to["num_batches_tracked"].ToArray<long>());
        Assert.Equal([3, 5], from["weight"].ToArray<float>());
        MovingAverage.Copy(average, network);
        Assert.Equal([3, 5], to["weight"].ToArray<float>());
    }
}
