using Sio.Data;

namespace Sio.Tests.Training.Objectives;

/// <summary>What methods that mix images of a batch promise, on real images, against the control.</summary>
public sealed class MixingTrialsTests(MixingTrials trials) : IClassFixture<MixingTrials>
{
    [Fact]
    public void The_control_learns() => Assert.InRange(MixingTrials.Accuracy(trials.Control), 0.7, 1);

    [Fact]
    public void CutMix_sees_both_classes_of_a_cut_image()
    {
        using var model = MixingTrials.Trained("cutmix");
        Report("cutmix", MixingTrials.Accuracy(model), MixingTrials.MixedLoss(trials.Control, cut: true), MixingTrials.MixedLoss(model, cut: true));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.True(MixingTrials.MixedLoss(model, cut: true) < 0.8 * MixingTrials.MixedLoss(trials.Control, cut: true));
    }

    [Theory]
    [InlineData("mixup")]
    [InlineData("regmixup")]
    public void MixUp_sees_both_classes_of_a_blend(string name)
    {
        using var model = MixingTrials.Trained(name, null, name == "mixup" ? [("alpha", "1.0")] : []);
        Report(name, MixingTrials.Accuracy(model), MixingTrials.MixedLoss(trials.Control, cut: false), MixingTrials.MixedLoss(model, cut: false));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.True(MixingTrials.MixedLoss(model, cut: false) < 0.8 * MixingTrials.MixedLoss(trials.Control, cut: false));
    }

    [Theory]
    [InlineData("cutmix")]
    [InlineData("mixup")]
    public void MixOE_is_unsure_of_outliers(string operation)
    {
        var auxiliary = NoiseImages.Blobs(400, 1, 28, 28, seed: 1);
        using var model = MixingTrials.Trained("mixoe", auxiliary, ("mix_op", operation), ("auxiliary_batch_size", "64"));
        var (blobs, gratings) = (NoiseImages.Blobs(200, 1, 28, 28, seed: 2), NoiseImages.Gratings(200, 1, 28, 28, seed: 2));
        Report("mixoe", MixingTrials.Accuracy(model), MixingTrials.Confidence(trials.Control, blobs), MixingTrials.Confidence(model, blobs));
        Report("mixoe", MixingTrials.Confidence(model, MixingTrials.Test), MixingTrials.Confidence(trials.Control, gratings), MixingTrials.Confidence(model, gratings));
        Assert.InRange(MixingTrials.Accuracy(model), 0.65, 1);
        Assert.InRange(MixingTrials.Confidence(model, blobs), 0.1, 0.2);
        Assert.True(MixingTrials.Confidence(model, blobs) < MixingTrials.Confidence(trials.Control, blobs) - 0.2);
    }

    private static void Report(string name, double accuracy, double control, double own) => TestContext.Current.SendDiagnosticMessage($"{name}: accuracy {accuracy:F3}, control {control:F4}, own {own:F4}");
}
