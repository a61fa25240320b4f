using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class GroodTests
{
    private static readonly float[] s_corners = [0, 0, 6, 8];

    [Fact]
    public void Scores_are_those_worked_out_by_hand()
    {
        // Two classes, an image each, at (0, 0) and (6, 8); so p_o = (3, 4), 5 away from both, and their gradients are ∓a·(0.6, 0.8), a = e^−5/(1 + e^−10 + e^−5).
        // (6, 0) is 6, 8 and 5 away from the three, so its gradient is b·(0.6, −0.8), b = 1/(e^−1 + e^−3 + 1).
        var a = Math.Exp(-5) / (1 + Math.Exp(-10) + Math.Exp(-5));
        var b = 1 / (Math.Exp(-1) + Math.Exp(-3) + 1);
        var toFirst = Square(0.6 * (b + a)) + Square(0.8 * (a - b));
        var toSecond = Square(0.6 * (b - a)) + Square(0.8 * (b + a));
        var scores = Score(new Grood(), [6, 0, 0, 0, 3, 4]);
        Assert.Equal(-Math.Min(toFirst, toSecond), scores[0], 1e-6);
        Assert.Equal(0, scores[1], 1e-9);

        // At the prototype itself there is no direction: the gradient is 0.
        Assert.Equal(-a * a, scores[2], 1e-9);
        Assert.Equal(-Math.Max(toFirst, toSecond), Score(new Grood { K = 2 }, [6, 0])[0], 1e-6);

        static double Square(double x) => x * x;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_closed_form_is_the_gradient_that_autograd_gives(int k)
    {
        using var scope = NewDisposeScope();
        using var all = PosthocReference.Bank("train");
        using var train = Part(all, 300);
        using var near = PosthocReference.Bank("near");
        using var test = Part(near, 20);
        var fit = PosthocReference.Fit();
        fit.Train!.Dispose();
        fit.Validation!.Dispose();
        using var detector = new Grood { K = k };
        detector.Fit(fit with { Train = train, Validation = null });
        var scores = detector.Score(test);

        var features = train.Features.to(ScalarType.Float64);
        var labels = torch.tensor(Array.ConvertAll(train.Labels, label => (long)label));
        var ofClass = nn.functional.one_hot(labels, 10).to(ScalarType.Float64).transpose(0, 1);
        var prototypes = ofClass.matmul(features) / ofClass.sum(1, keepdim: true);
        var ood = prototypes.mean([0]);
        var (predicted, asked) = (train.Predictions(), test.Predictions());
        var bank = Enumerable.Range(0, 300).Where(i => predicted[i] == train.Labels[i]).Select(i => Gradient(features.select(0, i), predicted[i])).ToArray();
        Assert.InRange(bank.Length, 200, 300);
        for (var i = 0; i < 20; i++)
        {
            var own = Gradient(test.Features.select(0, i).to(ScalarType.Float64), asked[i]);
            var squares = bank.Select(other => own.Zip(other).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second))).Order().ToArray();
            Assert.Equal(-squares[k - 1], scores[i], 1e-6);
        }

        double[] Gradient(Tensor feature, int target)
        {
            using var recorded = enable_grad();
            var leaf = ood.detach().clone();
            leaf.requires_grad = true;
            var inClass = (prototypes - feature).square().sum(1).sqrt();
            var outside = (leaf - feature).square().sum().sqrt();
            var loss = outside.neg().exp().add(inClass.neg().exp().sum()).log() + inClass.select(0, target);
            return autograd.grad([loss], [leaf])[0]!.ToArray<double>();
        }
    }

    [Fact]
    public void Settings_change_the_scores_and_none_is_left_out()
    {
        PosthocReference.AssertSettingMatters("grood", "grood.k=10");
        var noise = Noise();
        Assert.NotEqual(Noise("grood.prototype=mean"), noise);
        Assert.NotEqual(Noise("grood.noise_images=250"), noise);
        Assert.NotEqual(Noise("grood.seed=1"), noise);
        Assert.Equal(Noise(), noise);
        Assert.All(noise, score => Assert.True(float.IsFinite(score)));
        Assert.Equal(["k", "noise_images", "prototype", "seed"], DetectorFactory.HyperParameters("grood").Select(key => key.Path).Order());
    }

    [Fact]
    public void A_noise_prototype_leaves_no_tensor()
    {
        _ = Noise();
        var before = TensorCount.Settled();
        _ = Noise();
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Of_noise_images_the_tenth_with_the_least_energy_is_taken()
    {
        // Features are the pixels and every logit is their sum, so the ten of a hundred with the least sum are taken: their mean pixel lies below a half, and
        // blurring keeps pixels between 0 and 1.
        using var scope = NewDisposeScope();
        var model = new LinearPixels(torch.ones([2, 64]));
        using var train = model.Bank("train", 8, 8, new float[64], [.. Enumerable.Repeat(1f, 64)]);
        using var detector = new Grood { Prototype = OodPrototype.Noise };
        detector.Fit(new DetectorFit(train, torch.ones([2, 64]), torch.zeros([2])));
        var prototype = detector.State.Tensor("prototypes").select(0, detector.State.Tensor("prototypes").size(0) - 1).ToArray<double>();
        Assert.All(prototype, pixel => Assert.InRange(pixel, 0, 1));
        Assert.InRange(prototype.Average(), 0.38, 0.48);
    }

    [Fact]
    public void Sets_at_the_edge_have_finite_scores() => FeatureEdgeCases.AssertFiniteScores("grood");

    [Fact]
    public void Settings_and_sets_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(s_corners, 2, [1, 0, 0, 1], 0, 1);
        using var wrong = FeatureEdgeCases.Bank(s_corners, 2, [1, 0, 0, 1], 1, 0);
        using var other = FeatureEdgeCases.Bank(s_corners, 2, [1, 0, 0, 1], 0, 7);
        using var empty = new FeatureBank("empty", torch.empty([0, 2]), torch.empty([0, 2]), []);
        Assert.Equal("grood: k = 3 needs at least 3 correctly classified images to fit on and must be positive; bank has 2", Refused(new Grood { K = 3 }, bank));
        Assert.Contains("k = 0", Refused(new Grood { K = 0 }, bank), StringComparison.Ordinal);
        Assert.Contains("bank has 0", Refused(new Grood(), wrong), StringComparison.Ordinal);
        Assert.Contains("has the label 7", Refused(new Grood(), other), StringComparison.Ordinal);
        Assert.Contains("no image", Refused(new Grood(), empty), StringComparison.Ordinal);
        Assert.Contains("noise_images = 0", Refused(new Grood { NoiseImages = 0 }, bank), StringComparison.Ordinal);
        Assert.Contains("bank has only features", Refused(new Grood { Prototype = OodPrototype.Noise }, bank), StringComparison.Ordinal);
        using var small = new LinearPixels(torch.eye(2)).Bank("small", 1, 2, [0, 1]);
        Assert.Contains("too small to be blurred", Refused(new Grood { Prototype = OodPrototype.Noise }, small), StringComparison.Ordinal);

        static string Refused(Grood detector, FeatureBank bank)
        {
            using (detector)
                return Assert.Throws<DetectionException>(() => detector.Fit(new DetectorFit(bank, torch.eye(2), torch.zeros([2])))).Message;
        }
    }

    private static FeatureBank Part(FeatureBank bank, int count) =>
        new(bank.Name, bank.Features.narrow(0, 0, count).clone(), bank.Logits.narrow(0, 0, count).clone(), bank.Labels[..count]);

    private static float[] Score(Grood detector, float[] features)
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(s_corners, 2, [1, 0, 0, 1], 0, 1);
        using (detector)
            return FeatureEdgeCases.Score(detector, bank, [1, 0, 0, 1], [0, 0], features, features);
    }

    private static float[] Noise(params string[] settings)
    {
        using var scope = NewDisposeScope();
        using var network = ImageReference.Network();
        using var extracted = FeatureBank.Extract(network, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true, 16);
        using var train = new FeatureBank("train", extracted.Features.clone(), extracted.Logits.clone(), extracted.Predictions()) { Images = extracted.Images };
        using var bank = PosthocReference.Bank("near");
        using var detector = DetectorFactory.Create("grood", ["grood.prototype=noise", .. settings]);
        detector.Fit(new DetectorFit(train, network.Head.weight, network.Head.bias!));
        return detector.Score(bank);
    }
}
