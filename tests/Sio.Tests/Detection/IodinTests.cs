using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class IodinTests
{
    [Fact]
    public void Only_the_pixel_value_with_the_largest_gradient_moves()
    {
        // z = (0.3 − 2·0.2, 0.5·0.3 + 3·0.2) = (−0.1, 0.75), so class 1 is predicted. ∂L/∂x = (π₀/T)·(w₀ − w₁) = (π₀/2)·(0.5, 5): the second value moves, downwards, by 0.1/0.5.
        // z' = (0.3 − 0.8, 0.15 + 1.2) = (−0.5, 1.35); with T = 2 the larger probability is 1/(1 + e^(−1.85/2)).
        using var scope = NewDisposeScope();
        var model = new LinearPixels(torch.tensor(new float[] { 1f, 2, 0.5f, -3 }, [2, 2]));
        using var bank = model.Bank("toy", 1, 2, [0.3f, -0.2f], [0.3f, -0.2f]);
        using var detector = new Iodin { Temperature = 2, Noise = 0.1 };
        Assert.All(detector.Score(bank), score => Assert.Equal(1 / (1 + Math.Exp(-0.925)), score, 1e-6));

        // ODIN moves the first value, too: z' = (0.1 − 0.8, 0.05 + 1.2).
        using var odin = new Odin { Temperature = 2, Noise = 0.1 };
        Assert.All(odin.Score(bank), score => Assert.Equal(1 / (1 + Math.Exp(-0.975)), score, 1e-6));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1)]
    public void The_batch_size_does_not_matter(int batchSize)
    {
        using var network = ImageReference.Network();
        foreach (var split in PosthocReference.Splits)
            AssertNear(Score(new Iodin(), network, split, 40), Score(new Iodin(), network, split, batchSize));
    }

    [Fact]
    public void A_TorchScript_model_gives_the_same_scores()
    {
        using var network = ImageReference.Network();
        using var script = jit.load(ImageReference.ScriptPath);
        using var bank = FeatureBank.Extract(
            new ScriptModel(script, ImageReference.Normalization), ImageReference.Images("near"), ImageReference.Normalization, keepImages: true, 16);
        using var detector = new Iodin();
        AssertNear(Score(new Iodin(), network, "near", 40), detector.Score(bank));
    }

    [Fact]
    public void Every_setting_changes_the_scores_and_none_is_left_out()
    {
        using var network = ImageReference.Network();
        var usual = Score(new Iodin(), network, "near", 40);
        foreach (var setting in new[] { "iodin.temperature=10", "iodin.noise=0.0028", "iodin.noise=0" })
            Assert.NotEqual(usual, Score((Iodin)DetectorFactory.Create("iodin", [setting]), network, "near", 40));
        Assert.Equal(["noise", "temperature"], DetectorFactory.HyperParameters("iodin").Select(key => key.Path).Order());
    }

    [Fact]
    public void Without_noise_it_is_ODIN_on_the_logits()
    {
        using var bank = PosthocReference.Bank("id");
        using var iodin = new Iodin { Noise = 0 };
        using var odin = new Odin { Noise = 0 };
        Assert.Equal(DetectorNeeds.Logits, iodin.Needs);
        Assert.Equal(odin.Score(bank), iodin.Score(bank));
    }

    [Fact]
    public void Scoring_leaves_no_tensor_and_no_gradient()
    {
        using var network = ImageReference.Network();
        var before = TensorCount.Settled();
        _ = Score(new Iodin(), network, "id", 16);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Banks_and_settings_that_do_not_fit_are_refused()
    {
        using var features = PosthocReference.Bank("id");
        using var usual = new Iodin();
        Assert.Contains("needs the images and the network", Assert.Throws<DetectionException>(() => usual.Score(features)).Message, StringComparison.Ordinal);

        using var network = ImageReference.Network();
        foreach (var wrong in new[] { new Iodin { Temperature = 0 }, new Iodin { Temperature = double.NaN }, new Iodin { Noise = -1 }, new Iodin { Noise = double.PositiveInfinity } })
            Assert.StartsWith("iodin: the ", Assert.Throws<DetectionException>(() => Score(wrong, network, "id", 40)).Message, StringComparison.Ordinal);
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (left, right) in expected.Zip(actual))
            Assert.Equal(left, right, 1e-6f);
    }

    private static float[] Score(Iodin detector, Classifier network, string split, int batchSize)
    {
        using var bank = FeatureBank.Extract(network, ImageReference.Images(split), ImageReference.Normalization, keepImages: true, batchSize);
        using (detector)
            return detector.Score(bank);
    }
}
