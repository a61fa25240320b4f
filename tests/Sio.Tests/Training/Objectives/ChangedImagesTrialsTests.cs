using Sio.Data;
using Sio.Data.Transforms;
using Sio.Networks;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>What methods that change single images promise, on real images, against the control.</summary>
public sealed class ChangedImagesTrialsTests(MixingTrials trials) : IClassFixture<MixingTrials>
{
    [Fact]
    public void PixMix_recognises_what_is_seen_through_fractals()
    {
        using var model = MixingTrials.Trained("pixmix", null, ("fractals", "300"));

        // Fractals of another seed, mixed in more strongly than in training.
        var transform = new PixMixTransform(FractalImages.Make(100, 1, 31, 31, 99), 8, 0.5, 3, allOperations: false);
        Report("pixmix", MixingTrials.Accuracy(model), MixingTrials.Loss(trials.Control, transform), MixingTrials.Loss(model, transform));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.True(MixingTrials.Accuracy(model, transform) > MixingTrials.Accuracy(trials.Control, transform));
        Assert.True(MixingTrials.Loss(model, transform) < 0.8 * MixingTrials.Loss(trials.Control, transform));
    }

    [Fact]
    public void RandAugment_recognises_changed_images()
    {
        using var model = MixingTrials.Trained("randaugment", null, ("n", "2"));
        var transform = new RandAugmentTransform(2, 14);
        Report("randaugment", MixingTrials.Accuracy(model), MixingTrials.Accuracy(trials.Control, transform), MixingTrials.Accuracy(model, transform));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.True(MixingTrials.Accuracy(model, transform) > MixingTrials.Accuracy(trials.Control, transform) + 0.08);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AugMix_says_the_same_of_changed_views(bool jsd)
    {
        using var model = MixingTrials.Trained("augmix", null, ("jsd", jsd ? "true" : "false"), ("severity", "10"));
        Report("augmix", MixingTrials.Accuracy(model), Disagreement(trials.Control), Disagreement(model));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.True(Disagreement(model) < (jsd ? 0.6 : 0.85) * Disagreement(trials.Control));

        static double Disagreement(Classifier network)
        {
            using var scope = NewDisposeScope();
            var transform = new AugMixTransform(10, 3, -1, 1, allOperations: false);
            return AugMix.Divergence([.. Enumerable.Range(0, 3).Select(view => MixingTrials.Logits(network, MixingTrials.Images(view == 0 ? null : transform, view)))]).mean().ToDouble();
        }
    }

    private static void Report(string name, double accuracy, double control, double own) => TestContext.Current.SendDiagnosticMessage($"{name}: accuracy {accuracy:F3}, control {control:F4}, own {own:F4}");
}
