using Sio.Engine;
using Sio.Networks;
using Sio.Optim;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>T2FNorm, ISH, dropout and energy-bounded learning, against their papers' equations written out.</summary>
public sealed class LossOnlyTests
{
    // V = W/τ and its slowed gradient shall go where the paper's W goes: some steps of SGD with momentum and weight decay on both, the features held.
    [Fact]
    public void T2FNorm_learns_the_weights_of_the_paper_over_tau()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4, CPU);
        var objective = new T2FNorm { Tau = 0.1 };
        var features = T2FNorm.Directions(torch.randn([12, 6], dtype: ScalarType.Float64, generator: generator));
        Assert.True((linalg.vector_norm(features, dims: [1]) - 1).abs().max().ToDouble() < 1e-12);
        var labels = torch.randint(0, 3, [12], dtype: ScalarType.Int64, generator: generator);
        var weight = torch.randn([3, 6], dtype: ScalarType.Float64, generator: generator);
        var ours = weight / 0.1;
        var (bias, ourBias) = (torch.zeros([3], dtype: ScalarType.Float64), torch.zeros([3], dtype: ScalarType.Float64));
        foreach (var parameter in new[] { weight, ours, bias, ourBias })
            parameter.requires_grad = true;
        using var paper = new Sgd([new ParameterGroup([weight, bias], 0.01)], 0.05, 0.9, nesterov: true);
        using var optimizer = new Sgd([new ParameterGroup([ours, ourBias], 0.01)], 0.05, 0.9, nesterov: true);
        for (var step = 0; step < 5; step++)
        {
            paper.ZeroGrad();
            optimizer.ZeroGrad();
            var expected = nn.functional.cross_entropy(nn.functional.linear((features / 0.1), weight, bias), labels);
            var loss = nn.functional.cross_entropy(nn.functional.linear(features, objective.Slowed(ours), ourBias), labels);
            Assert.Equal(expected.ToDouble(), loss.ToDouble(), 1e-9);
            expected.backward();
            loss.backward();
            paper.Step();
            optimizer.Step();
        }

        Assert.True(((weight / 0.1) - ours).abs().max().ToDouble() < 1e-9);
        Assert.True((bias - ourBias).abs().max().ToDouble() < 1e-9);
    }

    [Fact]
    public void T2FNorm_trains_directions_and_leaves_a_linear_network()
    {
        using var scope = NewDisposeScope();
        using var plain = ToySteps.Network("cross_entropy");
        using var network = ToySteps.Network("t2fnorm", ("tau", "0.5"));
        Assert.True(network.HasLinearLogits);
        Assert.True((network.Head.weight - (plain.Head.weight * 2)).abs().max().ToDouble() < 1e-6);
        var step = Step(network);
        var loss = Objective.Of(network)!.Loss(step);
        var features = network.Features(step.Images);
        var directions = features / features.square().sum(1, keepdim: true).sqrt();
        var expected = nn.functional.linear((directions / 0.5), plain.Head.weight, plain.Head.bias);
        Assert.True((expected - loss.Logits).abs().max().ToDouble() < 1e-5);
        Assert.Equal(nn.functional.cross_entropy(expected, step.Labels).ToDouble(), loss.Value.ToDouble(), 1e-5);

        // Without normalisation afterwards: W f/τ + b.
        Assert.True((nn.functional.linear((features / 0.5), plain.Head.weight, plain.Head.bias) - network.Logits(features)).abs().max().ToDouble() < 1e-5);
        step.Random.Dispose();
    }

    [Fact]
    public void Ish_keeps_the_largest_features_and_scales_them()
    {
        using var scope = NewDisposeScope();
        var objective = new Ish { Percentile = 60 };
        var features = torch.tensor(new double[] { 1.0, 0.5, 3, 0, 0.5, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2 }, [3, 5]);
        var shaped = objective.Shaped(features).ToArray<double>();
        var scale = Math.Exp(5 / 4.0);
        Assert.Equal([scale, 0, 3 * scale, 0, 0], shaped[..5], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(new double[5], shaped[5..10]);
        Assert.Equal(2 * 2 * Math.Exp(10 / 4.0), shaped[10..].Sum(), 1e-12);
        Assert.Equal(2, shaped[10..].Count(value => value > 0));
    }

    [Fact]
    public void Ish_changes_the_gradient_of_the_last_weight_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var plain = ToySteps.Network("cross_entropy");
        using var network = ToySteps.Network("ish");
        var (step, control) = (Step(network), Step(plain));
        var (loss, expected) = (Objective.Of(network)!.Loss(step), Objective.Of(plain)!.Loss(control));
        Assert.True(expected.Logits.ValuesEqual(loss.Logits));
        Assert.True(expected.Value.ValuesEqual(loss.Value));
        loss.Value.backward();
        expected.Value.backward();
        foreach (var ((name, mine), (_, other)) in network.named_parameters().Zip(plain.named_parameters()))
        {
            if (name != "fc.weight")
                Assert.True((mine.grad! - other.grad!).abs().max().ToDouble() < 1e-6, name);
        }

        // gᵀ f' with g = (softmax − one-hot)/N.
        using var noGrad = no_grad();
        var error = (loss.Logits.softmax(1) - nn.functional.one_hot(step.Labels, 2).to(ScalarType.Float32)) / 6;
        var wanted = error.transpose(0, 1).matmul(((Ish)Objective.Of(network)!).Shaped(network.Features(step.Images)));
        Assert.True((wanted - network.Head.weight.grad!).abs().max().ToDouble() < 1e-5);
        Assert.False((wanted - plain.Head.weight.grad!).abs().max().ToDouble() < 1e-3);
        step.Random.Dispose();
        control.Random.Dispose();
    }

    // A logit that is the sum of the kept features over 1 − p has the mean Σ f and, as each feature is dropped or kept by itself, the variance p/(1 − p)·Σ f².
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void Dropout_drops_a_share_of_the_features_in_training_alone(double p)
    {
        const int count = 20_000;
        using var scope = NewDisposeScope();
        using var network = new PixelClassifier(5, 2);
        var objective = new FeatureDropout { P = p };
        objective.Attach(network, null);
        PixelClassifier.Set(network, "fc.weight", torch.tensor(new float[] { 1f, 1, 1, 1, 1, 0, 0, 0, 0, 0 }, [2, 5]));
        PixelClassifier.Set(network, "fc.bias", torch.zeros([2]));
        var features = torch.zeros([count, 5]) + torch.tensor(new float[] { 1f, 2, 0.5f, 3, 1.5f }, [1, 5]);
        const double sum = 8, squares = 16.5;
        var step = ToySteps.Of(count, count, network, PixelClassifier.Images(features));
        var logits = objective.Loss(step).Logits.select(1, 0).to(ScalarType.Float64);

        // Five standard errors; the variance's is at most that of normal numbers.
        var variance = p / (1 - p) * squares;
        Assert.Equal(sum, logits.mean().ToDouble(), 5 * Math.Sqrt(variance / count));
        Assert.Equal(variance, logits.var([0], unbiased: true).ToDouble(), 5 * Math.Sqrt(2.0 / count) * variance);
        Assert.All(network.Logits(network.Features(step.Images)).select(1, 0).ToArray<float>(), logit => Assert.Equal(sum, logit, 1e-5));
        step.Random.Dispose();
    }

    [Fact]
    public void Energy_bounds_are_squared_hinges_of_both_sides()
    {
        using var scope = NewDisposeScope();
        using var network = ToySteps.Network("energy_bounded", ("weight", "0.1"), ("inner_bound", "-1"), ("outer_bound", "-0.6"), ("auxiliary_batch_size", "2"));
        using var generator = new Generator(3, CPU);
        var plain = Step(network);
        var step = new ObjectiveStep
        {
            Network = network, Images = plain.Images, Labels = plain.Labels, RealCount = 6, Random = plain.Random, Draws = plain.Draws, Auxiliary = torch.randn([2, 1, 28, 28], generator: generator),
        };
        var loss = Objective.Of(network)!.Loss(step);
        var (own, auxiliary) = (Energies(step.Images), Energies(step.Auxiliary));
        Assert.Contains(own, energy => energy > -1);
        Assert.Contains(auxiliary, energy => energy < -0.6);
        var expected = nn.functional.cross_entropy(network.Logits(network.Features(step.Images)), step.Labels).ToDouble()
            + (0.1 * (own.Average(energy => Math.Pow(Math.Max(0, energy + 1), 2)) + auxiliary.Average(energy => Math.Pow(Math.Max(0, -0.6 - energy), 2))));
        Assert.Equal(expected, loss.Value.ToDouble(), 1e-5);
        Assert.Equal(3, loss.Parts.Count);
        step.Random.Dispose();

        double[] Energies(Tensor images) => (-network.Logits(network.Features(images)).logsumexp(1)).to(ScalarType.Float64).ToArray<double>();
    }

    private static ObjectiveStep Step(Classifier network)
    {
        using var generator = new Generator(2, CPU);
        return ToySteps.Of(6, 4, network, torch.randn([6, 1, 28, 28], generator: generator) * 2, torch.tensor(new long[] { 0L, 1, 0, 1, 1, 0 }, [6]));
    }
}
