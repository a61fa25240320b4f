using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>VOS: the whole loss of a step, and its gradients, against the equations written out, with the outliers drawn again.</summary>
public sealed class VosLossTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_loss_of_a_step_with_full_queues(bool detached, bool weighted)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6, CPU);
        using var network = new PixelClassifier(4, 3);
        var objective = new Vos { SampleNumber = 2, SampleFrom = 20, Select = 2, Start = 0, Detached = detached };
        objective.Attach(network, generator);
        network.to(ScalarType.Float64);
        objective.Layers.to(ScalarType.Float64);
        PixelClassifier.Set(network, "fc.weight", torch.randn([3, 4], dtype: ScalarType.Float64, generator: generator));
        PixelClassifier.Set(objective.Layers, "weights", torch.tensor(new double[] { 0.7, -0.4, 1.3 }, [1, 3]));
        PixelClassifier.Set(objective.Layers, "logistic.weight", torch.tensor(new double[] { 0.8, -0.5 }, [2, 1]));
        PixelClassifier.Set(objective.Layers, "logistic.bias", torch.tensor(new double[] { 0.1, -0.2 }, [2]));
        var names = new[] { "fc.weight", "fc.bias", "weights", "logistic.weight", "logistic.bias" };
        var parameters = network.named_parameters().Concat(objective.Layers.named_parameters()).ToDictionary(entry => entry.name, entry => entry.parameter);
        Assert.Equal(names.Order(), parameters.Keys.Order());
        var copies = parameters.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        foreach (var copy in copies.Values)
            copy.requires_grad = true;

        // The third class's queue is empty after the first step.
        var (first, second) = (torch.randn([4, 4], dtype: ScalarType.Float64, generator: generator), torch.randn([5, 4], dtype: ScalarType.Float64, generator: generator));
        var labels = torch.tensor(new long[] { 2L, 0, 2, 1, 2 }, [5]);
        Assert.Equal(["cross_entropy"], Loss(first, torch.tensor(new long[] { 0L, 0, 1, 1 }, [4]), null).Parts.Select(part => part.Name));
        var counts = weighted ? torch.tensor(new double[] { 1.0, 0.5, 2, 0.25, 3 }, [5]) : null;
        var loss = Loss(second, labels, counts);

        // The latest two of each class, and what is drawn from them.
        var latest = torch.cat([second.narrow(0, 1, 1), first.narrow(0, 1, 1), second.narrow(0, 3, 1), first.narrow(0, 3, 1), second.narrow(0, 4, 1), second.narrow(0, 2, 1)]);
        using var again = new Generator(5, CPU);
        var outliers = FeatureGaussians.Of(latest.reshape(3, 2, 4), 1e-4).LeastLikely(20, 2, again);
        Assert.Equal([6, 4], outliers.shape);

        var logits = Logits(second);
        var classes = Mean(logits.logsumexp(1) - logits.gather(1, labels.unsqueeze(1)).squeeze(1));
        var difference = copies["logistic.weight"].select(0, 1) - copies["logistic.weight"].select(0, 0);
        var shift = copies["logistic.bias"].select(0, 1) - copies["logistic.bias"].select(0, 0);

        // −log of the logistic layer's probability of images, and of outliers: log(1 + e^∓a). Outliers have no weights.
        var ofImages = nn.functional.softplus((-((Energies(logits) * difference) + shift)));
        var ofOutliers = nn.functional.softplus(((Energies(Logits(outliers)) * difference) + shift));
        var uncertainty = ((Mean(ofImages) * 5) + ofOutliers.sum()) / (5 + 6);
        var expected = classes + (uncertainty * 0.1);

        Assert.Equal(["cross_entropy", "uncertainty"], loss.Parts.Select(part => part.Name));
        Assert.Equal(classes.ToDouble(), loss.Parts[0].Value.ToDouble(), 1e-10);
        Assert.Equal(uncertainty.ToDouble(), loss.Parts[1].Value.ToDouble(), 1e-10);
        Assert.Equal(expected.ToDouble(), loss.Value.ToDouble(), 1e-10);
        loss.Value.backward();
        expected.backward();
        foreach (var name in names)
        {
            Assert.Equal(detached && name == "weights", copies[name].grad is null);
            if (copies[name].grad is not { } wanted)
                Assert.Null(parameters[name].grad);
            else
                Assert.True((wanted - parameters[name].grad!).abs().max().ToDouble() < 1e-10, name);
        }

        ObjectiveLoss Loss(Tensor features, Tensor ofClasses, Tensor? weights)
        {
            var step = ToySteps.Of(features.size(0), 3, network, PixelClassifier.Images(features), ofClasses, weights: weights);
            var value = objective.Loss(step);
            step.Random.Dispose();
            return value;
        }

        Tensor Logits(Tensor features) => features.matmul(copies["fc.weight"].transpose(0, 1)) + copies["fc.bias"];

        Tensor Mean(Tensor values) => counts is null ? values.mean() : (values * counts).sum() / counts.sum();

        // OpenOOD's form has new weights for each call, cuts the gradient off and is −1 at least.
        Tensor Energies(Tensor of) => detached
            ? LogSum(of.detach(), torch.empty([1, 3]).uniform_(-1 / Math.Sqrt(3), 1 / Math.Sqrt(3), generator: again)).clamp(min: -1)
            : LogSum(of, copies["weights"]);
    }

    [Fact]
    public void The_regulariser_begins_after_the_given_share_of_the_training()
    {
        using var scope = NewDisposeScope();
        using var network = new PixelClassifier(2, 2);
        var objective = new Vos { SampleNumber = 1, SampleFrom = 5 };
        objective.Attach(network, null);
        foreach (var number in new[] { 0, 3, 4, 9 })
        {
            var step = ToySteps.Of(2, 2, network, PixelClassifier.Images(torch.tensor(new float[] { 1f, 0, 0, 1 }, [2, 2])), torch.tensor(new long[] { 0L, 1 }, [2]), step: number, steps: 10);
            Assert.Equal(number < 4 ? 1 : 2, objective.Loss(step).Parts.Count);
            step.Random.Dispose();
        }
    }

    private static Tensor LogSum(Tensor logits, Tensor weights) => (weights.relu() * logits.exp()).sum(1).clamp(min: 1e-30).log();
}
