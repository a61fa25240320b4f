using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Networks;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>AdaSCALE-A and AdaSCALE-L.</summary>
public sealed class AdaScaleTests
{
    // Predicted is class 0, so the gradient is (2, 1, −0.5, 0.1), and half the pixels to move are the last two: the third by −0.5, the fourth by +0.5.
    private static readonly float[] s_weight = [2, 1, -0.5f, 0.1f, 0.1f, 0.2f, 0.3f, 0.4f];
    private static readonly float[] s_bias = [0.5f, -0.25f];

    // f' = (0.8, 0.3, −0.1, 0.3); its two largest of f are the first and the third: C_o = 0.8 + 0, Q = 0 + 0.5, Q' = 10·0.5 + 0.8 = 5.8.
    private static readonly float[] s_changed = [0.8f, 0.3f, 0.4f, -0.2f];

    // The two largest are those that do not move: Q' = 0.5 + 0.2 and 0.4 + 0.2.
    private static readonly float[] s_steady = [0.5f, 0.2f, 0.1f, 0.05f];
    private static readonly float[] s_steadier = [0.4f, 0.2f, 0.1f, 0.05f];

    /// <summary>Both variants.</summary>
    public static TheoryData<string> Names => new("adascale_a", "adascale_l");

    [Theory]
    [MemberData(nameof(Names))]
    public void Scores_are_those_worked_out_by_hand(string name)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = (torch.tensor(s_weight, [2, 4]), torch.tensor(s_bias));
        var model = new LinearPixels(weight, bias);
        using var fitted = model.Bank("validation", 2, 2, s_steady, s_changed);
        using var test = model.Bank("test", 2, 2, s_changed, s_steady, s_steadier);
        using var detector = Small(name);
        detector.Fit(new DetectorFit(null, weight, bias, fitted));
        var scores = detector.Score(test);

        // F = 1, ½ and 0, so p = 25, 50 and 75 and k = 3, 2 and 1.
        Assert.Equal(Expected(name, s_changed, (0.8 + 0.3 + 0.4) / (0.8 + 0.3 + 0.4)), scores[0], 1e-5);
        Assert.Equal(Expected(name, s_steady, 0.85 / 0.7), scores[1], 1e-5);
        Assert.Equal(Expected(name, s_steadier, 0.75 / 0.4), scores[2], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Features_that_are_not_positive_are_left_as_they_are(string name)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = (torch.tensor(s_weight, [2, 4]), torch.tensor(s_bias));
        var model = new LinearPixels(weight, bias);
        using var bank = model.Bank("one", 2, 2, [-1f, -0.5f, -2, -0.1f]);
        using var zero = model.Bank("zero", 2, 2, new float[4]);
        using var detector = Small(name);
        detector.Fit(new DetectorFit(null, weight, bias, bank));
        Assert.Equal(Energy(Logits([-1f, -0.5f, -2, -0.1f])), Assert.Single(detector.Score(bank)), 1e-5);
        Assert.Equal(Energy([0.5, -0.25]), Assert.Single(detector.Score(zero)), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_batch_size_does_not_matter(string name)
    {
        using var network = ImageReference.Network();
        var expected = Score(name, network, "near", 40);
        var spread = expected.Max() - expected.Min();
        foreach (var batchSize in new[] { 7, 1 })
        {
            // A pixel value whose gradient is another's within rounding may move in its stead, and an image whose Q' is another's change places with it.
            var off = expected.Zip(Score(name, network, "near", batchSize)).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-3 * spread);
            Assert.InRange(off, 0, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_setting_changes_the_scores_and_none_is_left_out(string name)
    {
        using var network = ImageReference.Network();
        var usual = Score(name, network, "near", 40);
        string[] settings = ["percentile=60-65", "k1=50", "k2=20", "lambda=0", "o=0.5", "epsilon=0.1"];
        foreach (var setting in settings)
            Assert.NotEqual(usual, Score(name, network, "near", 40, $"{name}.{setting}"));
        Assert.Equal(settings.Select(setting => setting.Split('=')[0]).Order(), DetectorFactory.HyperParameters(name).Select(key => key.Path).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_one_scores_as_before_and_nothing_leaks(string name)
    {
        using var folder = new TempFolder();
        using var network = ImageReference.Network();
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (var bank = Bank(network, "near", 16))
        using (var fitted = Bank(network, "id", 16))
        using (var detector = DetectorFactory.Create(name, [name + ".percentile=80-85"]))
        {
            var path = Path.Combine(folder.Path, "detector.safetensors");
            detector.Fit(new DetectorFit(null, network.Head.weight, network.Head.bias!, fitted));
            DetectorFile.Save(path, detector);
            using var loaded = DetectorFile.Load(path);
            Assert.Equal(detector.Score(bank), loaded.Score(bank));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Banks_and_settings_that_do_not_fit_are_refused(string name)
    {
        using var features = PosthocReference.Bank("val");
        using var scope = NewDisposeScope();
        using var network = ImageReference.Network();
        using var bank = Bank(network, "id", 40);
        using var usual = DetectorFactory.Create(name);
        var (weight, bias) = (network.Head.weight, network.Head.bias!);
        Assert.Equal($"{name}: needs a validation set to fit on, and there is none", Refused(usual, null));
        Assert.Equal($"{name}: needs the images and the network to fit on, val has only features", Refused(usual, features));
        usual.Fit(new DetectorFit(null, weight, bias, bank));
        Assert.Contains("needs the images and the network", Assert.Throws<DetectionException>(() => usual.Score(features)).Message, StringComparison.Ordinal);

        foreach (var percentile in new[] { "85", "85-75", "0-50", "50-100", "75-85-95", "a-b", "" })
            Assert.Contains("percentile", Refused(Make(percentile: percentile), bank), StringComparison.Ordinal);
        Assert.Contains("k1 = 101", Refused(Make(k1: 101), bank), StringComparison.Ordinal);
        Assert.Contains("lambda = -1", Refused(Make(lambda: -1), bank), StringComparison.Ordinal);
        Assert.Contains("lambda = NaN", Refused(Make(lambda: double.NaN), bank), StringComparison.Ordinal);

        string Refused(Detector detector, FeatureBank? validation) =>
            Assert.Throws<DetectionException>(() => detector.Fit(new DetectorFit(null, weight, bias, validation))).Message;

        AdaptiveScaling Make(string percentile = "75-85", double k1 = 5, double lambda = 10) => name == "adascale_a"
            ? new AdaScaleA { Percentile = percentile, K1 = k1, Lambda = lambda }
            : new AdaScaleL { Percentile = percentile, K1 = k1, Lambda = lambda };
    }

    private static Detector Small(string name) =>
        DetectorFactory.Create(name, [.. new[] { "percentile=25-75", "k1=50", "k2=50", "o=0.5" }.Select(setting => $"{name}.{setting}")]);

    private static double Expected(string name, float[] features, double ratio)
    {
        var logits = Logits(name == "adascale_a" ? [.. features.Select(f => f * Math.Exp(ratio))] : [.. features.Select(f => (double)f)]);
        return Energy(name == "adascale_a" ? logits : [.. logits.Select(z => z * ratio * ratio)]);
    }

    private static double[] Logits(float[] features) => Logits([.. features.Select(f => (double)f)]);

    private static double[] Logits(double[] features) => [.. s_bias.Select((b, c) => b + features.Select((f, i) => f * s_weight[(4 * c) + i]).Sum())];

    private static double Energy(double[] logits) => Math.Log(logits.Sum(Math.Exp));

    private static FeatureBank Bank(Classifier network, string split, int batchSize) =>
        FeatureBank.Extract(network, ImageReference.Images(split), ImageReference.Normalization, keepImages: true, batchSize);

    private static float[] Score(string name, Classifier network, string split, int batchSize, params string[] settings)
    {
        using var scope = NewDisposeScope();
        using var fitted = Bank(network, "id", batchSize);
        using var bank = Bank(network, split, batchSize);
        using var detector = DetectorFactory.Create(name, settings);
        detector.Fit(new DetectorFit(null, network.Head.weight, network.Head.bias!, fitted));
        return detector.Score(bank);
    }
}
