using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class OdinTests
{
    // The originals divide by 63, 62.1 and 66.7 over 255, which the normalisation's deviations are roundings of.
    private static readonly Sio.Data.Normalization s_divisors = ImageReference.Normalization with { Std = [63f / 255, 62.1f / 255, 66.7f / 255] };

    [Theory]
    [InlineData(40)]
    [InlineData(7)]
    [InlineData(1)]
    public void Scores_are_the_originals_whatever_the_batch_size(int batchSize)
    {
        using var network = ImageReference.Network();
        var model = new ClassifierModel(network, s_divisors);
        ImageReference.AssertScores("odin", 2e-3, split => Score(new Odin(), model, split, batchSize));
    }

    [Fact]
    public void An_error_of_LibTorch_is_told_in_one_line_without_its_stack_trace()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<DetectionException>(() => InputSteps.Gradient(
            new LinearPixels(torch.zeros([2, 5])), torch.zeros([1, 1, 2, 2]), logits => logits.sum()));
        Assert.Contains("1x4 and 5x2", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_TorchScript_model_gives_the_same_scores()
    {
        using var script = jit.load(ImageReference.ScriptPath);
        var model = new ScriptModel(script, s_divisors);
        ImageReference.AssertScores("odin", 2e-3, split => Score(new Odin(), model, split, 16));
    }

    [Fact]
    public void Without_noise_the_logits_of_a_bank_are_enough()
    {
        ImageReference.AssertScores("odin_noise0", 3e-4, split =>
        {
            using var scope = NewDisposeScope();
            using var bank = new FeatureBank(
                split, torch.tensor(ImageReference.Values("features", split), [40, 64]), torch.tensor(ImageReference.Values("logits", split), [40, 10]), new int[40]);
            using var odin = DetectorFactory.Create("odin", ["odin.noise=0"]);
            Assert.Equal(DetectorNeeds.Logits, odin.Needs);
            return odin.Score(bank);
        });
    }

    [Fact]
    public void Every_setting_changes_the_scores()
    {
        using var network = ImageReference.Network();
        var model = new ClassifierModel(network, s_divisors);
        var usual = Score(new Odin(), model, "near", 40);
        foreach (var setting in new[] { "odin.temperature=10", "odin.noise=0.01", "odin.noise=0" })
            Assert.NotEqual(usual, Score((Odin)DetectorFactory.Create("odin", [setting]), model, "near", 40));
    }

    [Fact]
    public void Scoring_leaves_no_tensor_and_no_gradient()
    {
        using var network = ImageReference.Network();
        var model = new ClassifierModel(network, s_divisors);
        var before = TensorCount.Settled();
        _ = Score(new Odin(), model, "id", 16);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Banks_and_settings_that_do_not_fit_are_refused()
    {
        using var features = PosthocReference.Bank("id");
        using var odin = new Odin();
        Assert.Contains("needs the images and the network", Assert.Throws<DetectionException>(() => odin.Score(features)).Message, StringComparison.Ordinal);

        using var network = ImageReference.Network();
        var model = new ClassifierModel(network, s_divisors);
        foreach (var wrong in new[] { new Odin { Temperature = 0 }, new Odin { Temperature = double.NaN }, new Odin { Noise = -1 }, new Odin { Noise = double.PositiveInfinity } })
            Assert.StartsWith("odin: the ", Assert.Throws<DetectionException>(() => Score(wrong, model, "id", 40)).Message, StringComparison.Ordinal);
        var grey = new ClassifierModel(network, new Sio.Data.Normalization([0.5f], [0.5f]));
        Assert.Contains("3 channels", Assert.Throws<DetectionException>(() => Score(new Odin(), grey, "id", 40)).Message, StringComparison.Ordinal);

        using var fewer = new FeatureBank("id", features.Features.alias(), features.Logits.alias(), features.Labels)
        {
            Images = new BankImages(model, () => [torch.zeros([2, 3, 32, 32])]),
        };
        Assert.Equal("id: 2 images come with 500 rows of features", Assert.Throws<DetectionException>(() => odin.Score(fewer)).Message);
    }

    private static float[] Score(Odin odin, IDetectionModel model, string split, int batchSize)
    {
        // The images are normalised as in training, whatever the divisors.
        using var bank = FeatureBank.Extract(model, ImageReference.Images(split), ImageReference.Normalization, keepImages: true, batchSize);
        using (odin)
            return odin.Score(bank);
    }
}
