using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using Sio.Serialization;
using Sio.Tests.Data;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>The moving average of weights, and Lookahead: against a loop over the weights after each step, and over kills.</summary>
public sealed class AveragesTests
{
    private static readonly TrainingPlan s_ema = ToyTraining.Plan with { EmaDecay = 0.8 };
    private static readonly TrainingPlan s_lookahead = ToyTraining.Plan with { LookaheadEvery = 4, LookaheadDecay = 0.9 };

    [Fact]
    public void The_average_is_the_average_and_buffers_are_copied()
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        var (weights, initial) = Trajectory(ToyTraining.Plan, "resnet8_28x28");
        using var averaged = new Trainer(s_ema, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic).Run(folder.Path, resume: false).Model;
        var parameters = averaged.named_parameters().Select(entry => entry.name).ToHashSet();
        foreach (var (name, actual) in averaged.StateDict())
        {
            if (!parameters.Contains(name))
            {
                Assert.True(weights[^1][name].ValuesEqual(actual), name);
                continue;
            }

            var expected = initial[name];
            for (var step = 1; step <= weights.Count; step++)
            {
                var decay = Math.Min(0.8, (1.0 + step) / (10.0 + step));
                expected = (expected * decay) + (weights[step - 1][name] * (1 - decay));
            }

            Assert.True((expected - actual).abs().max().ToDouble() < 1e-6, name);
        }

        // The weights that are trained are not touched: the average only watches.
        using TempFolder plain = new();
        ToyTraining.Train(new Trainer(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), plain.Path);
        Assert.NotEqual(File.ReadAllBytes(plain.File("checkpoint/model.safetensors")), File.ReadAllBytes(folder.File("checkpoint/model.safetensors")));
        using var alone = Safetensors.Read(new Checkpoint(plain.File("checkpoint")).LastPath);
        using var watched = Safetensors.Read(new Checkpoint(folder.File("checkpoint")).LastPath);
        var trained = alone.Tensors.Where(entry => entry.Key.StartsWith("model.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(averaged.StateDict().Count, trained.Length);
        Assert.All(trained, entry => Assert.True(entry.Value.ValuesEqual(watched.Tensors[entry.Key]), entry.Key));
    }

    // The average is its own owner's from the first moment on.
    [Fact]
    public void A_network_that_cannot_hold_the_average_is_freed()
    {
        using var network = ClassifierFactory.Create(ToyTraining.Plan, "lenet", ToyTraining.Real, generator: null);
        var before = TensorCount.Settled();
        var other = new ImageSet("other", ToyTraining.Real.Pixels, ToyTraining.Real.Labels, 1, 28, 28, 5);
        Assert.Throws<ExternalException>(() => new WeightAverage(ClassifierFactory.Create(ToyTraining.Plan, "lenet", other, generator: null), network));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Lookahead_moves_slow_weights_and_starts_from_there()
    {
        using var scope = NewDisposeScope();
        using TempFolder folder = new();
        using (no_grad())
        {
            using var model = ClassifierFactory.Create(ToyTraining.Plan, "lenet", ToyTraining.Real, generator: null);
            using var lookahead = new Lookahead(2, 0.5, 6, model);
            var weight = model.Head.weight;
            var (slow, fast) = (weight.clone(), weight.clone());
            for (var step = 1; step <= 6; step++)
            {
                weight.add_(step);
                fast = fast + step;
                lookahead.AfterStep(step);
                if (step % 2 == 0)
                {
                    // decay^2 times (s/6)^3.
                    var alpha = 0.25 * Math.Pow(step / 6.0, 3);
                    slow = (slow * alpha) + (fast * (1 - alpha));
                    fast = slow;
                }

                Assert.True((weight - fast).abs().max().ToDouble() < 1e-5, $"step {step}");
            }
        }

        // And it changes what training ends with.
        Assert.NotEqual(
            ToyTraining.Train(new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.Path),
            ToyTraining.Train(new Trainer(s_lookahead, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.Path));
    }

    // 7 steps, k = 3: the last move comes one step after the second.
    [Fact]
    public void Lookahead_loses_no_steps_at_the_end()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ClassifierFactory.Create(ToyTraining.Plan, "lenet", ToyTraining.Real, generator: null);
        using var lookahead = new Lookahead(3, 0.5, 7, model);
        var weight = model.Head.weight;
        Tensor slow = weight.clone(), fast = weight.clone();
        for (var step = 1; step <= 7; step++)
        {
            weight.add_(1);
            fast = fast + 1;
            lookahead.AfterStep(step);
            if (step is 3 or 6 or 7)
            {
                var alpha = 0.125 * Math.Pow(step / 7.0, 3);
                slow = (slow * alpha) + (fast * (1 - alpha));
                fast = slow;
            }

            Assert.True((weight - fast).abs().max().ToDouble() < 1e-5, $"step {step}");
        }
    }

    [Fact]
    public void Slow_weights_that_move_at_the_end_alone_are_told_of_and_those_that_never_do_refused()
    {
        Trainer With(int every, double decay = 0.95) => new(ToyTraining.Plan with { LookaheadEvery = every, LookaheadDecay = decay }, "lenet", ToyTraining.Real, ToyTraining.Synthetic);
        Assert.Empty(With(15, 1).Notices);
        Assert.Contains("lookahead_every 16: the training is shorter", Assert.Single(With(16).Notices), StringComparison.Ordinal);
        Assert.Contains("the weights that it began with", Assert.Throws<DataException>(() => With(16, 1)).Message, StringComparison.Ordinal);
    }

    // The checkpoint holds both the weights and their average, Lookahead's slow ones, and the method's own.
    [Theory]
    [InlineData("ema")]
    [InlineData("lookahead")]
    [InlineData("both")]
    public void A_run_that_was_stopped_ends_with_the_same_bits(string what)
    {
        var plan = what == "ema" ? s_ema : what == "lookahead" ? s_lookahead : s_lookahead with { EmaDecay = 0.9 };
        using TempFolder whole = new(), cut = new();
        var expected = ToyTraining.Train(new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), whole.Path);
        var before = TensorCount.Settled();
        foreach (var step in new[] { 1, 6, 9, 15 })
            ToyTraining.TrainUntil(step, plan, "resnet8_28x28", cut.Path, resume: true);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(expected, ToyTraining.Train(new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), cut.Path, resume: true));
        Assert.Equal(before, TorchRuntime.LiveTensors);

        // Without its average a checkpoint is another run's.
        Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic).Run(cut.Path, resume: true));
    }

    private static (List<Dictionary<string, Tensor>> Weights, Dictionary<string, Tensor> Initial) Trajectory(TrainingPlan plan, string network)
    {
        using var generator = new Generator((ulong)plan.Seed);
        using var first = ClassifierFactory.Create(plan, network, ToyTraining.Real, generator);
        var (weights, initial) = (new List<Dictionary<string, Tensor>>(), Copies(first));
        for (var step = 1; step <= ToyTraining.TotalSteps; step++)
        {
            using var folder = new TempFolder();
            ToyTraining.TrainUntil(step, plan, network, folder.Path);
            using var content = Safetensors.Read(new Checkpoint(folder.File("checkpoint")).LastPath);
            weights.Add(content.Tensors.Where(entry => entry.Key.StartsWith("model.", StringComparison.Ordinal)).ToDictionary(entry => entry.Key["model.".Length..], entry => entry.Value.clone()));
        }

        return (weights, initial);
    }

    private static Dictionary<string, Tensor> Copies(Classifier model) => model.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value.detach().clone());
}
