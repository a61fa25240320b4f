using Sio.Data;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>What each method promises, after a few hundred steps on Fashion-MNIST, against a control run with cross-entropy.</summary>
public sealed class PromiseTests
{
    [Fact]
    public void Outlier_exposure_gives_auxiliary_images_a_flatter_softmax()
    {
        var (trained, unseen) = (NoiseImages.Gratings(600, 1, 28, 28, seed: 1), NoiseImages.Gratings(200, 1, 28, 28, seed: 2));
        Compare("outlier_exposure", new() { ["auxiliary_batch_size"] = "64" }, trained, (exposed, control) =>
        {
            var (confidence, before) = (FashionRuns.Confidence(FashionRuns.Logits(exposed, unseen)), FashionRuns.Confidence(FashionRuns.Logits(control, unseen)));
            Assert.True(confidence < 0.25 && before > 0.4, $"confidence {confidence}, control {before}");
            AssertAccuracy(FashionRuns.Accuracy(FashionRuns.Logits(exposed, FashionRuns.Test)), FashionRuns.Accuracy(FashionRuns.Logits(control, FashionRuns.Test)));
        });
    }

    // Its gradients are 25 times as large as the control's, too large for a network without batch norm at the same rate; at a lower one it learns more slowly.
    [Fact]
    public void LogitNorm_makes_logits_shorter_and_less_sure() => Compare("logitnorm", new(), null, rate: 0.002, compare: (normalised, control) =>
    {
        var (logits, before) = (FashionRuns.Logits(normalised, FashionRuns.Test), FashionRuns.Logits(control, FashionRuns.Test));
        var (norm, normBefore) = (FashionRuns.Mean(linalg.vector_norm(logits, dims: [1])), FashionRuns.Mean(linalg.vector_norm(before, dims: [1])));
        Assert.True(norm < 0.7 * normBefore, $"norm {norm}, control {normBefore}");
        Assert.True(FashionRuns.Confidence(logits) < FashionRuns.Confidence(before) - 0.1, $"confidence {FashionRuns.Confidence(logits)}, control {FashionRuns.Confidence(before)}");
        AssertAccuracy(FashionRuns.Accuracy(logits), FashionRuns.Accuracy(before), tolerance: 10);
    });

    [Fact]
    public void T2FNorm_makes_features_shorter() => Compare("t2fnorm", new(), null, rate: 0.01, compare: (normalised, control) =>
    {
        var (own, before) = (Norm(normalised, FashionRuns.Test), Norm(control, FashionRuns.Test));
        Assert.True(own < 0.7 * before, $"norm {own}, control {before}");
        AssertAccuracy(FashionRuns.Accuracy(FashionRuns.Logits(normalised, FashionRuns.Test)), FashionRuns.Accuracy(FashionRuns.Logits(control, FashionRuns.Test)));

        static double Norm(Sio.Networks.Classifier model, ImageSet images) => FashionRuns.Mean(linalg.vector_norm(FashionRuns.Features(model, images), dims: [1]));
    });

    // The last layer learns from the largest features, so these decide: without the other 85 % it is right more often than the control's.
    [Fact]
    public void Ish_lets_the_largest_features_decide() => Compare("ish", new(), null, (shaped, control) =>
    {
        // The loss, not the accuracy: of 500 images, that is within a few of chance.
        var (few, fewBefore) = (Loss(shaped), Loss(control));
        Assert.True(few < fewBefore, $"loss with few features {few}, control {fewBefore}");
        AssertAccuracy(FashionRuns.Accuracy(FashionRuns.Logits(shaped, FashionRuns.Test)), FashionRuns.Accuracy(FashionRuns.Logits(control, FashionRuns.Test)));

        static double Loss(Sio.Networks.Classifier model) =>
            nn.functional.cross_entropy(Few(model, 12), torch.tensor(Array.ConvertAll(FashionRuns.Test.Labels, label => (long)label))).ToDouble();

        static Tensor Few(Sio.Networks.Classifier model, int count)
        {
            var features = FashionRuns.Features(model, FashionRuns.Test);
            var least = features.topk(count, dim: 1).values.narrow(1, count - 1, 1);
            return model.Logits(features * (features - least).ge(0).to(ScalarType.Float32));
        }
    });

    [Fact]
    public void Dropout_makes_predictions_that_stand_the_loss_of_features() => Compare("dropout", new(), null, (dropped, control) =>
    {
        var (half, halfBefore) = (FashionRuns.Accuracy(Half(dropped)), FashionRuns.Accuracy(Half(control)));
        Assert.True(half > halfBefore + 0.5, $"accuracy with half of the features {half}, control {halfBefore}");
        AssertAccuracy(FashionRuns.Accuracy(FashionRuns.Logits(dropped, FashionRuns.Test)), FashionRuns.Accuracy(FashionRuns.Logits(control, FashionRuns.Test)));

        static Tensor Half(Sio.Networks.Classifier model)
        {
            using var generator = new Generator(9, CPU);
            var features = FashionRuns.Features(model, FashionRuns.Test);
            return model.Logits(features * torch.rand([features.size(0), features.size(1)], generator: generator).ge(0.5).to(ScalarType.Float32) * 2);
        }
    });

    [Fact]
    public void Energy_bounded_fine_tuning_separates_the_energies_of_a_trained_network()
    {
        var (trained, unseen) = (NoiseImages.Gratings(600, 1, 28, 28, seed: 1), NoiseImages.Gratings(200, 1, 28, 28, seed: 2));
        var settings = new Dictionary<string, string> { ["auxiliary_batch_size"] = "64", ["inner_bound"] = "-12", ["outer_bound"] = "-3" };
        Compare("energy_bounded", settings, trained, (tuned, control) =>
        {
            var (gap, before) = (Gap(tuned), Gap(control));
            Assert.True(gap > before + 3, $"energies {gap} apart, control {before}");
            AssertAccuracy(FashionRuns.Accuracy(FashionRuns.Logits(tuned, FashionRuns.Test)), FashionRuns.Accuracy(FashionRuns.Logits(control, FashionRuns.Test)));
        }, rate: 0.005, fineTune: true);

        double Gap(Sio.Networks.Classifier model) =>
            FashionRuns.Mean(FashionRuns.Logits(model, FashionRuns.Test).logsumexp(1)) - FashionRuns.Mean(FashionRuns.Logits(model, unseen).logsumexp(1));
    }

    private static void Compare(
        string objective, Dictionary<string, string> settings, ImageSet? auxiliary, Action<Sio.Networks.Classifier, Sio.Networks.Classifier> compare, double rate = 0.05, bool fineTune = false)
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        using var control = FashionRuns.Train(folder.File("control"), "cross_entropy");
        var init = fineTune ? folder.File("control/checkpoint/model.safetensors") : null;
        using var method = FashionRuns.Train(folder.File("method"), objective, settings, auxiliary, init, rate);
        compare(method, control);
    }

    private static void AssertAccuracy(double accuracy, double control, double tolerance = 4) => Assert.True(accuracy > control - tolerance, $"accuracy {accuracy}, control {control}");
}
