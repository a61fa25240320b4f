using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class KlmTests
{
    private static readonly float s_log3 = MathF.Log(3);

    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("klm", "klm", 1e-5);

    // Templates (3/4, 1/4) from one image and, from two, the mean of (1/4, 3/4) and (0, 1) to rounding. A label says nothing.
    [Fact]
    public void Templates_are_means_by_prediction()
    {
        using var scope = NewDisposeScope();
        using var validation = Bank([s_log3, 0, 0, s_log3, 0, 40], 1, 0, 0);
        using var bank = Bank([0, 0, s_log3, 0, -40, 0]);
        using var klm = Fitted(validation);
        var scores = klm.Score(bank);
        Assert.Equal(-0.5 * (Math.Log(0.5 / 0.75) + Math.Log(0.5 / 0.25)), scores[0], 1e-6);
        Assert.Equal(0, scores[1], 1e-6);
        Assert.Equal(Math.Log(0.875), scores[2], 1e-6);
    }

    [Fact]
    public void Blocks_do_not_change_the_scores()
    {
        using var scope = NewDisposeScope();
        using var validation = PosthocReference.Bank("val");
        using var repeated = RepeatedBank.Of(validation, 9);
        using var bank = PosthocReference.Bank("near");
        using var banks = RepeatedBank.Of(bank, 9);
        using var once = Fitted(validation);
        using var often = Fitted(repeated);
        Assert.All(Enumerable.Repeat(once.Score(bank), 9).SelectMany(scores => scores).Zip(often.Score(banks)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void More_classes_than_images_leave_the_others_out()
    {
        using var scope = NewDisposeScope();
        using var validation = new FeatureBank("bank", torch.zeros([1, 1]), torch.tensor(new float[] { 3, 0, 0, 0, 0 }, [1, 5]), [4]);
        using var klm = Fitted(validation);
        Assert.Equal(0, Assert.Single(klm.Score(validation)), 1e-6);
    }

    [Fact]
    public void A_class_never_predicted_is_left_out()
    {
        using var scope = NewDisposeScope();
        using var validation = Bank([s_log3, 0]);
        using var bank = Bank([0, s_log3]);
        using var klm = Fitted(validation);
        Assert.Equal(-((0.25 * Math.Log(0.25 / 0.75)) + (0.75 * Math.Log(0.75 / 0.25))), Assert.Single(klm.Score(bank)), 1e-6);
    }

    [Fact]
    public void A_probability_that_vanishes_gives_a_finite_score()
    {
        using var scope = NewDisposeScope();
        using var validation = Bank([1e4f, -1e4f]);
        using var bank = Bank([-1e4f, 1e4f, 1e4f, -1e4f]);
        using var klm = Fitted(validation);
        var scores = klm.Score(bank);
        Assert.InRange(scores[0], -1000, -100);
        Assert.Equal(0, scores[1]);
    }

    [Fact]
    public void An_empty_validation_set_and_none_are_refused()
    {
        using var scope = NewDisposeScope();
        using var empty = Bank([]);
        Assert.Contains("empty", Assert.Throws<DetectionException>(() => Fitted(empty)).Message, StringComparison.Ordinal);
        Assert.Contains("validation set", Assert.Throws<DetectionException>(() => Fitted(null)).Message, StringComparison.Ordinal);
    }

    private static Klm Fitted(FeatureBank? validation)
    {
        var klm = new Klm();
        var (classes, size) = (validation?.Logits.size(1) ?? 2, validation?.Features.size(1) ?? 1);
        klm.Fit(new DetectorFit(null, torch.zeros([classes, size]), torch.zeros([classes]), validation));
        return klm;
    }

    private static FeatureBank Bank(float[] logits, params int[] labels) => new(
        "bank", torch.zeros([logits.Length / 2, 1]), torch.tensor(logits, [logits.Length / 2, 2]), labels.Length > 0 ? labels : new int[logits.Length / 2]);
}
