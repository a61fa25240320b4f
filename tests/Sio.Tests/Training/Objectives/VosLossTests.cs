using Sio.Torch;
using Sio.Training.Objectives;

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
        using var scope = new TensorScope();
        using var generator = new Generator(6, Device.Cpu);
        using var network = new PixelClassifier(4, 3);
        var objective = new Vos { SampleNumber = 2, SampleFrom = 20, Select = 2, Start = 0, Detached = detached };
        objective.Attach(network, generator);
        network.To(DType.Float64);
        objective.To(DType.Float64);
        PixelClassifier.Set(network, "fc.weight", Tensor.Randn([3, 4], generator, DType.Float64));
        PixelClassifier.Set(objective, "weights", Tensor.From([0.7, -0.4, 1.3], 1, 3));
        PixelClassifier.Set(objective, "logistic.weight", Tensor.From([0.8, -0.5], 2, 1));
        PixelClassifier.Set(objective, "logistic.bias", Tensor.From([0.1, -0.2], 2));
        var names = new[] { "fc.weight", "fc.bias", "weights", "logistic.weight", "logistic.bias" };
        var parameters = network.NamedParameters().Concat(objective.NamedParameters()).ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.Equal(names.Order(), parameters.Keys.Order());
        var copies = parameters.ToDictionary(entry => entry.Key, entry => entry.Value.Detach().Clone());
        foreach (var copy in copies.Values)
            copy.RequiresGrad = true;

        // The third class's queue is empty after the first step.
        var (first, second) = (Tensor.Randn([4, 4], generator, DType.Float64), Tensor.Randn([5, 4], generator, DType.Float64));
        var labels = Tensor.From([2L, 0, 2, 1, 2], 5);
        Assert.Equal(["cross_entropy"], Loss(first, Tensor.From([0L, 0, 1, 1], 4), null).Parts.Select(part => part.Name));
        var counts = weighted ? Tensor.From([1.0, 0.5, 2, 0.25, 3], 5) : null;
        var loss = Loss(second, labels, counts);

        // The latest two of each class, and what is drawn from them.
        var latest = Tensor.Cat([second.Narrow(0, 1, 1), first.Narrow(0, 1, 1), second.Narrow(0, 3, 1), first.Narrow(0, 3, 1), second.Narrow(0, 4, 1), second.Narrow(0, 2, 1)]);
        using var again = new Generator(5, Device.Cpu);
        var outliers = FeatureGaussians.Of(latest.Reshape(3, 2, 4), 1e-4).LeastLikely(20, 2, again);
        Assert.Equal([6, 4], outliers.Shape);

        var logits = Logits(second);
        var classes = Mean(logits.LogSumExp(1) - logits.Gather(1, labels.Unsqueeze(1)).Squeeze(1));
        var difference = copies["logistic.weight"].Select(0, 1) - copies["logistic.weight"].Select(0, 0);
        var shift = copies["logistic.bias"].Select(0, 1) - copies["logistic.bias"].Select(0, 0);

        // −log of the logistic layer's probability of images, and of outliers: log(1 + e^∓a). Outliers have no weights.
        var ofImages = (-((Energies(logits) * difference) + shift)).Softplus();
        var ofOutliers = ((Energies(Logits(outliers)) * difference) + shift).Softplus();
        var uncertainty = ((Mean(ofImages) * 5) + ofOutliers.Sum()) / (5 + 6);
        var expected = classes + (uncertainty * 0.1);

        Assert.Equal(["cross_entropy", "uncertainty"], loss.Parts.Select(part => part.Name));
        Assert.Equal(classes.Item().ToDouble(), loss.Parts[0].Value.Item().ToDouble(), 1e-10);
        Assert.Equal(uncertainty.Item().ToDouble(), loss.Parts[1].Value.Item().ToDouble(), 1e-10);
        Assert.Equal(expected.Item().ToDouble(), loss.Value.Item().ToDouble(), 1e-10);
        loss.Value.Backward();
        expected.Backward();
        foreach (var name in names)
        {
            Assert.Equal(detached && name == "weights", copies[name].Grad is null);
            if (copies[name].Grad is not { } wanted)
                Assert.Null(parameters[name].Grad);
            else
                Assert.True((wanted - parameters[name].Grad!).Abs().Max().Item().ToDouble() < 1e-10, name);
        }

        ObjectiveLoss Loss(Tensor features, Tensor ofClasses, Tensor? weights)
        {
            var step = ToySteps.Of(features.Size(0), 3, network, PixelClassifier.Images(features), ofClasses, weights: weights);
            var value = objective.Loss(step);
            step.Random.Dispose();
            return value;
        }

        Tensor Logits(Tensor features) => features.MatMul(copies["fc.weight"].Transpose(0, 1)) + copies["fc.bias"];

        Tensor Mean(Tensor values) => counts is null ? values.Mean() : (values * counts).Sum() / counts.Sum();

        // OpenOOD's form has new weights for each call, cuts the gradient off and is −1 at least.
        Tensor Energies(Tensor of) => detached
            ? LogSum(of.Detach(), Tensor.Empty([1, 3]).Uniform_(-1 / Math.Sqrt(3), 1 / Math.Sqrt(3), again)).Clamp(min: -1)
            : LogSum(of, copies["weights"]);
    }

    [Fact]
    public void The_regulariser_begins_after_the_given_share_of_the_training()
    {
        using var scope = new TensorScope();
        using var network = new PixelClassifier(2, 2);
        var objective = new Vos { SampleNumber = 1, SampleFrom = 5 };
        objective.Attach(network, null);
        foreach (var number in new[] { 0, 3, 4, 9 })
        {
            var step = ToySteps.Of(2, 2, network, PixelClassifier.Images(Tensor.From([1f, 0, 0, 1], 2, 2)), Tensor.From([0L, 1], 2), step: number, steps: 10);
            Assert.Equal(number < 4 ? 1 : 2, objective.Loss(step).Parts.Count);
            step.Random.Dispose();
        }
    }

    private static Tensor LogSum(Tensor logits, Tensor weights) => (weights.Relu() * logits.Exp()).Sum(1).Clamp(min: 1e-30).Log();
}
