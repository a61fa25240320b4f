using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Optim;
using Sio.Training.Objectives;

namespace Sio.Tests.Training.Objectives;

/// <summary>T2FNorm, ISH, dropout and energy-bounded learning, against their papers' equations written out.</summary>
public sealed class LossOnlyTests
{
    // V = W/τ and its slowed gradient shall go where the paper's W goes: some steps of SGD with momentum and weight decay on both, the features held.
    [Fact]
    public void T2FNorm_learns_the_weights_of_the_paper_over_tau()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(4, Device.Cpu);
        using var objective = new T2FNorm { Tau = 0.1 };
        var features = T2FNorm.Directions(Tensor.Randn([12, 6], generator, DType.Float64));
        Assert.True((features.Norm(1) - 1).Abs().Max().Item().ToDouble() < 1e-12);
        var labels = Tensor.RandInt(0, 3, [12], generator);
        var weight = Tensor.Randn([3, 6], generator, DType.Float64);
        var ours = weight / 0.1;
        var (bias, ourBias) = (Tensor.Zeros([3], DType.Float64), Tensor.Zeros([3], DType.Float64));
        foreach (var parameter in new[] { weight, ours, bias, ourBias })
            parameter.RequiresGrad = true;
        using var paper = new Sgd([new ParameterGroup([weight, bias], 0.01)], 0.05, 0.9, nesterov: true);
        using var optimizer = new Sgd([new ParameterGroup([ours, ourBias], 0.01)], 0.05, 0.9, nesterov: true);
        for (var step = 0; step < 5; step++)
        {
            paper.ZeroGrad();
            optimizer.ZeroGrad();
            var expected = (features / 0.1).Linear(weight, bias).CrossEntropy(labels);
            var loss = features.Linear(objective.Slowed(ours), ourBias).CrossEntropy(labels);
            Assert.Equal(expected.Item().ToDouble(), loss.Item().ToDouble(), 1e-9);
            expected.Backward();
            loss.Backward();
            paper.Step();
            optimizer.Step();
        }

        Assert.True(((weight / 0.1) - ours).Abs().Max().Item().ToDouble() < 1e-9);
        Assert.True((bias - ourBias).Abs().Max().Item().ToDouble() < 1e-9);
    }

    [Fact]
    public void T2FNorm_trains_directions_and_leaves_a_linear_network()
    {
        using var scope = new TensorScope();
        using var plain = ToySteps.Network("cross_entropy");
        using var network = ToySteps.Network("t2fnorm", ("tau", "0.5"));
        Assert.True(network.HasLinearLogits);
        Assert.True((network.Head.Weight - (plain.Head.Weight * 2)).Abs().Max().Item().ToDouble() < 1e-6);
        var step = Step(network);
        var loss = ((Objective)network.Extension!).Loss(step);
        var features = network.Features(step.Images);
        var directions = features / features.Square().Sum(1, keepDim: true).Sqrt();
        var expected = (directions / 0.5).Linear(plain.Head.Weight, plain.Head.Bias);
        Assert.True((expected - loss.Logits).Abs().Max().Item().ToDouble() < 1e-5);
        Assert.Equal(expected.CrossEntropy(step.Labels).Item().ToDouble(), loss.Value.Item().ToDouble(), 1e-5);

        // Without normalisation afterwards: W f/τ + b.
        Assert.True(((features / 0.5).Linear(plain.Head.Weight, plain.Head.Bias) - network.Logits(features)).Abs().Max().Item().ToDouble() < 1e-5);
        step.Random.Dispose();
    }

    [Fact]
    public void Ish_keeps_the_largest_features_and_scales_them()
    {
        using var scope = new TensorScope();
        using var objective = new Ish { Percentile = 60 };
        var features = Tensor.From([1.0, 0.5, 3, 0, 0.5, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2], 3, 5);
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
        using var scope = new TensorScope();
        using var plain = ToySteps.Network("cross_entropy");
        using var network = ToySteps.Network("ish");
        var (step, control) = (Step(network), Step(plain));
        var (loss, expected) = (((Objective)network.Extension!).Loss(step), ((Objective)plain.Extension!).Loss(control));
        Assert.True(expected.Logits.ValuesEqual(loss.Logits));
        Assert.True(expected.Value.ValuesEqual(loss.Value));
        loss.Value.Backward();
        expected.Value.Backward();
        foreach (var ((name, mine), (_, other)) in network.NamedParameters().Zip(plain.NamedParameters()))
        {
            if (name != "fc.weight")
                Assert.True((mine.Grad! - other.Grad!).Abs().Max().Item().ToDouble() < 1e-6, name);
        }

        // gᵀ f' with g = (softmax − one-hot)/N.
        using var noGrad = GradMode.NoGrad();
        var error = (loss.Logits.Softmax(1) - step.Labels.OneHot(2).To(DType.Float32)) / 6;
        var wanted = error.Transpose(0, 1).MatMul(((Ish)network.Extension!).Shaped(network.Features(step.Images)));
        Assert.True((wanted - network.Head.Weight.Grad!).Abs().Max().Item().ToDouble() < 1e-5);
        Assert.False((wanted - plain.Head.Weight.Grad!).Abs().Max().Item().ToDouble() < 1e-3);
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
        using var scope = new TensorScope();
        using var network = new PixelClassifier(5, 2);
        var objective = new FeatureDropout { P = p };
        objective.Attach(network, null);
        PixelClassifier.Set(network, "fc.weight", Tensor.From([1f, 1, 1, 1, 1, 0, 0, 0, 0, 0], 2, 5));
        PixelClassifier.Set(network, "fc.bias", Tensor.Zeros([2]));
        var features = Tensor.Zeros([count, 5]) + Tensor.From([1f, 2, 0.5f, 3, 1.5f], 1, 5);
        const double sum = 8, squares = 16.5;
        var step = ToySteps.Of(count, count, network, PixelClassifier.Images(features));
        var logits = objective.Loss(step).Logits.Select(1, 0).To(DType.Float64);

        // Five standard errors; the variance's is at most that of normal numbers.
        var variance = p / (1 - p) * squares;
        Assert.Equal(sum, logits.Mean().Item().ToDouble(), 5 * Math.Sqrt(variance / count));
        Assert.Equal(variance, logits.Var([0]).Item().ToDouble(), 5 * Math.Sqrt(2.0 / count) * variance);
        Assert.All(network.Logits(network.Features(step.Images)).Select(1, 0).ToArray<float>(), logit => Assert.Equal(sum, logit, 1e-5));
        step.Random.Dispose();
    }

    [Fact]
    public void Energy_bounds_are_squared_hinges_of_both_sides()
    {
        using var scope = new TensorScope();
        using var network = ToySteps.Network("energy_bounded", ("weight", "0.1"), ("inner_bound", "-1"), ("outer_bound", "-0.6"), ("auxiliary_batch_size", "2"));
        using var generator = new Generator(3, Device.Cpu);
        var plain = Step(network);
        var step = new ObjectiveStep
        {
            Network = network, Images = plain.Images, Labels = plain.Labels, RealCount = 6, Random = plain.Random, Draws = plain.Draws, Auxiliary = Tensor.Randn([2, 1, 28, 28], generator),
        };
        var loss = ((Objective)network.Extension!).Loss(step);
        var (own, auxiliary) = (Energies(step.Images), Energies(step.Auxiliary));
        Assert.Contains(own, energy => energy > -1);
        Assert.Contains(auxiliary, energy => energy < -0.6);
        var expected = network.Logits(network.Features(step.Images)).CrossEntropy(step.Labels).Item().ToDouble()
            + (0.1 * (own.Average(energy => Math.Pow(Math.Max(0, energy + 1), 2)) + auxiliary.Average(energy => Math.Pow(Math.Max(0, -0.6 - energy), 2))));
        Assert.Equal(expected, loss.Value.Item().ToDouble(), 1e-5);
        Assert.Equal(3, loss.Parts.Count);
        step.Random.Dispose();

        double[] Energies(Tensor images) => (-network.Logits(network.Features(images)).LogSumExp(1)).To(DType.Float64).ToArray<double>();
    }

    private static ObjectiveStep Step(Classifier network)
    {
        using var generator = new Generator(2, Device.Cpu);
        return ToySteps.Of(6, 4, network, Tensor.Randn([6, 1, 28, 28], generator) * 2, Tensor.From([0L, 1, 0, 1, 1, 0], 6));
    }
}
