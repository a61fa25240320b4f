using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Networks;
using Sio.Nn;
using Sio.Optim;
using Sio.Tests.Data;
using Sio.Tests.Training;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Networks;

public sealed class FastConvNetTests
{
    private const string Name = "convnet_fast_32x32";

    // The 2·k patches' responses are those of whitened ones: covariance 1 where the data has variance, and the second half is the first with the other sign.
    [Fact]
    public void The_first_layer_whitens_the_images_patches()
    {
        using var scope = NewDisposeScope();
        using var model = (FastConvNet32x32)ClassifierFactory.Create(ToyTraining.Plan, Name, ToyTraining.Real, generator: null);
        var weight = model.StateDict().Single(entry => entry.Name == "whiten_weight").Value;
        Assert.Equal([8, 1, 2, 2], weight.shape);
        Assert.True((weight.narrow(0, 0, 4) + weight.narrow(0, 4, 4)).abs().max().ToDouble() == 0);
        var images = torch.empty([70, 1, 28, 28]);
        ToyTraining.Plan.Normalization.Evaluation().FillPlain(ToyTraining.Real, 0, 70, images.AsSpan<float>());
        var responses = nn.functional.conv2d(images, weight.narrow(0, 0, 4)).permute(1, 0, 2, 3).flatten(1);
        var moment = responses.matmul(responses.transpose(0, 1)) / (double)responses.size(1);
        var energies = moment.ToArray<float>();
        Assert.True((moment - torch.eye(4)).abs().max().ToDouble() < 0.02, string.Join(" ", energies));
        Assert.DoesNotContain(model.named_parameters(), entry => entry.name == "whiten_weight");
    }

    [Fact]
    public void Convolutions_hand_on_what_they_can_at_first()
    {
        using var scope = NewDisposeScope();
        using var model = Catalog<Classifier>.Create(Name, new ClassifierShape(3, 32, 32, 10), null);
        var input = torch.rand([2, 24, 5, 5]);
        var weights = model.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.True(input.ValuesEqual(nn.functional.conv2d(input, weights["group1.conv1.weight"], padding: [1, 1]).narrow(1, 0, 24).detach()));
        Assert.Equal([256, 64, 3, 3], weights["group2.conv1.weight"].shape);
        Assert.Equal(1.97e6, model.ParameterCount(), 0.02e6);
        Assert.Equal([2L, 256L], model.Features(torch.rand([2, 3, 32, 32])).shape);
    }

    [Fact]
    public void It_learns_with_the_fast_recipes_ingredients_and_resumes_bit_for_bit()
    {
        var plan = ToyTraining.Plan with
        {
            Schedule = ScheduleKind.OneCycle, CycleShape = CycleShape.Linear, CycleRise = 0.23, CycleInitialDivisor = 5, CycleFinalDivisor = 2.857, LearningRate = 0.1, Momentum = 0.85,
            DecoupledWeightDecay = true, WeightDecay = 0.002, NormBiasRate = 64, LabelSmoothing = 0.2, AlternatingFlip = true, LookaheadEvery = 5, BatchNormMomentum = 0.4, BatchNormEps = 1e-12,
        };
        using TempFolder whole = new(), cut = new();
        using (var model = new Trainer(plan, Name, ToyTraining.Real, ToyTraining.Synthetic).Run(whole.Path, resume: false).Model)
        {
            var test = ToyTraining.Images("test", 100);
            using var bank = FeatureBank.Extract(model, null, test, plan.Normalization, keepImages: false, flipAverage: false);
            Assert.InRange(Accuracy.Compute(bank.Predictions(), test.Labels), 95, 100);
            using var folded = FoldedClassifier.TryFold(model);
            Assert.NotNull(folded);
            Assert.All(model.named_parameters().Where(entry => entry.name.EndsWith("norm1.weight", StringComparison.Ordinal)), entry => Assert.Equal(1, entry.parameter.min().ToDouble()));
        }

        foreach (var step in new[] { 4, 5, 13 })
            ToyTraining.TrainUntil(step, plan, Name, cut.Path, resume: true);
        Assert.Equal(File.ReadAllBytes(whole.File("checkpoint/model.safetensors")), ToyTraining.Train(new Trainer(plan, Name, ToyTraining.Real, ToyTraining.Synthetic), cut.Path, resume: true));
    }

    [Fact]
    public void Images_too_small_or_too_large_are_refused()
    {
        foreach (var size in new[] { 24, 33 })
        {
            var error = Assert.Throws<ArgumentException>(() => Catalog<Classifier>.Create(Name, new ClassifierShape(3, size, size, 10), null));
            Assert.Contains($"25×25 to 32×32, not {size}×{size}", error.Message, StringComparison.Ordinal);
        }
    }
}
