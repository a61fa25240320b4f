using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class WeiPerTests
{
    [Fact]
    public void Scores_are_those_worked_out_by_hand()
    {
        // Without perturbation, W = I and b = 0, so logits are features. The bins of the fitted image's values 0 and 1 are [0, ½) and [½, 1]: p = (½, ½).
        // Of (0.1, 0.2) both lie in the first: q = (1, 0). With 0.01 added and divided by the sum, q = (1.01, 0.01)/1.02; with 0.025, (1.025, 0.025)/1.05.
        var score = Score([0, 1], [0.1f, 0.2f], bins: 2, smoothing: 1, smoothingPerturbed: 1);
        var far = Divergence([0.5, 0.5], [1.01 / 1.02, 0.01 / 1.02]);
        var farPerturbed = Divergence([0.5, 0.5], [1.025 / 1.05, 0.025 / 1.05]);
        Assert.Equal(-far - (2.5 * farPerturbed) + (0.1 / (1 + Math.Exp(-0.1))), score, 1e-6);
    }

    [Fact]
    public void Smoothing_repeats_the_ends_and_values_outside_are_in_no_bin()
    {
        // p is the mean of (½, ½, 0) and (0, ½, ½). (0.1, 5) has q = (½, 0, 0): over two bins, the own and the next, (¼, 0, 0); over three (⅓, ⅙, 0).
        var score = Score([0, 0.5f, 1, 0.5f], [0.1f, 5], bins: 3, smoothing: 2, smoothingPerturbed: 3);
        double[] p = [0.25, 0.5, 0.25];
        var far = Divergence(Raised(p, 0.01), Raised([0.25, 0, 0], 0.01));
        var farPerturbed = Divergence(Raised(p, 0.025), Raised([1.0 / 3, 1.0 / 6, 0], 0.025));
        Assert.Equal(-far - (2.5 * farPerturbed) + (0.1 / (1 + Math.Exp(-4.9))), score, 1e-6);
    }

    [Fact]
    public void Scores_are_those_of_loops_over_images_and_copies()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = PosthocReference.Bank("near");
        using var detector = new WeiPer { Repeats = 5, Seed = 3 };
        detector.Fit(fit);
        var scores = detector.Score(bank);

        using var generator = new Generator(3);
        var perturbed = WeiPer.Perturb(fit.HeadWeight.to(ScalarType.Float64), 5, 1.8, generator);
        var (features, logits) = (Values(train!.Features), Logits(train));
        var (range, rangePerturbed) = (Range(features), Range(logits));
        var (density, densityPerturbed) = (MeanShares(features, range), MeanShares(logits, rangePerturbed));
        var (tested, testedLogits) = (Values(bank.Features), Logits(bank));
        for (var i = 0; i < 40; i++)
        {
            var confidence = testedLogits[i].Chunk(10).Average(z => 1 / z.Sum(value => Math.Exp(value - z.Max())));
            var far = Divergence(Raised(density, 0.01), Raised(Smooth(Shares(tested[i], range), 4), 0.01));
            var farPerturbed = Divergence(Raised(densityPerturbed, 0.025), Raised(Smooth(Shares(testedLogits[i], rangePerturbed), 15), 0.025));
            Assert.Equal((0.1 * confidence) - far - (2.5 * farPerturbed), scores[i], 1e-4);
        }

        double[][] Values(Tensor values) => [.. values.to(ScalarType.Float64).ToArray<double>().Chunk((int)values.size(1))];

        double[][] Logits(FeatureBank of) => Values(nn.functional.linear(of.Features.to(ScalarType.Float64), perturbed, fit.HeadBias.to(ScalarType.Float64).reshape(1, 10).expand(5, 10).reshape(50)));
    }

    [Fact]
    public void Perturbations_have_the_given_length_and_come_from_the_seed()
    {
        using var scope = NewDisposeScope();
        var weight = torch.tensor(new float[] { 3f, 4, 0, 0, 0, 1 }, [2, 3]);
        var copies = Perturbed(7);
        var moved = linalg.vector_norm((copies.reshape(50, 2, 3) - weight), dims: [2]).ToArray<float>();
        Assert.All(moved.Index(), entry => Assert.Equal(entry.Index % 2 == 0 ? 9 : 1.8, entry.Item, 1e-5));
        Assert.True(copies.ValuesEqual(Perturbed(7)));
        Assert.False(copies.ValuesEqual(Perturbed(8)));

        Tensor Perturbed(ulong seed)
        {
            using var generator = new Generator(seed);
            return WeiPer.Perturb(weight, 50, 1.8, generator);
        }
    }

    [Fact]
    public void Every_setting_changes_the_scores_and_none_is_left_out()
    {
        string[] settings =
            ["repeats=50", "distance=2.4", "bins=50", "lambda1=0.1", "lambda2=1", "smoothing=40", "smoothing_perturbed=40", "samples=500", "seed=1"];
        PosthocReference.AssertSettingMatters("weiper", [.. settings.Select(setting => "weiper." + setting)]);
        Assert.Equal(settings.Select(setting => setting.Split('=')[0]).Order(), DetectorFactory.HyperParameters("weiper").Select(key => key.Path).Order());
    }

    [Fact]
    public void Sets_at_the_edge_have_finite_scores() => FeatureEdgeCases.AssertFiniteScores("weiper", "weiper.repeats=20");

    [Fact]
    public void More_classes_than_rows_at_a_time_are_perturbed_in_groups()
    {
        // 1,500 classes: one copy at a time.
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank([0.1f, 0.5f, 0.9f, 0.3f], 2, new float[2 * 1500]);
        using var detector = new WeiPer { Repeats = 3 };
        detector.Fit(new DetectorFit(bank, torch.rand([1500, 2], generator: new Generator(1)), torch.zeros([1500])));
        var scores = detector.Score(bank);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.Equal(scores, detector.Score(bank));
    }

    [Fact]
    public void Settings_and_sets_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank([0, 1], 2, [0, 1]);
        using var empty = new FeatureBank("empty", torch.empty([0, 2]), torch.empty([0, 2]), []);
        var (weight, bias) = (torch.eye(2), torch.zeros([2]));
        foreach (var wrong in new WeiPer[]
        {
            new() { Repeats = 0 }, new() { Bins = 0 }, new() { Smoothing = 0 }, new() { SmoothingPerturbed = 0 }, new() { Samples = 0 }, new() { Seed = -1 },
            new() { Distance = -1 }, new() { Distance = double.NaN }, new() { Lambda1 = double.PositiveInfinity }, new() { Lambda2 = double.NaN },
        })
        {
            using (wrong)
                Assert.StartsWith("weiper: ", Assert.Throws<DetectionException>(() => wrong.Fit(new DetectorFit(bank, weight, bias))).Message, StringComparison.Ordinal);
        }

        using var usual = new WeiPer();
        Assert.Throws<DetectionException>(() => usual.Fit(new DetectorFit(empty, weight, bias)));
        Assert.Throws<DetectionException>(() => usual.Fit(new DetectorFit(null, weight, bias)));
    }

    private static float Score(float[] fitted, float[] features, int bins, int smoothing, int smoothingPerturbed)
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(fitted, 2, fitted);
        using var detector = new WeiPer { Repeats = 1, Distance = 0, Bins = bins, Smoothing = smoothing, SmoothingPerturbed = smoothingPerturbed };
        return Assert.Single(FeatureEdgeCases.Score(detector, bank, [1, 0, 0, 1], [0, 0], features, features));
    }

    private static double Divergence(double[] p, double[] q) =>
        p.Zip(q).Sum(pair => (pair.First * Math.Log(pair.First / pair.Second)) + (pair.Second * Math.Log(pair.Second / pair.First)));

    private static double[] Raised(double[] shares, double added) => [.. shares.Select(share => (share + added) / (shares.Sum() + (added * shares.Length)))];

    private static (double Least, double Greatest) Range(double[][] rows) => (rows.Min(row => row.Min()), rows.Max(row => row.Max()));

    private static double[] MeanShares(double[][] rows, (double Least, double Greatest) range)
    {
        var all = rows.Select(row => Shares(row, range)).ToArray();
        return [.. Enumerable.Range(0, 100).Select(bin => all.Average(shares => shares[bin]))];
    }

    private static double[] Shares(double[] values, (double Least, double Greatest) range)
    {
        var (least, greatest) = range;
        var shares = new double[100];
        foreach (var value in values.Where(value => value >= least && value <= greatest))
            shares[(int)((value - least) / (greatest - least + (1e-8 * Math.Max(1, greatest))) * 100)] += 1.0 / values.Length;
        return shares;
    }

    private static double[] Smooth(double[] shares, int size) =>
        [.. Enumerable.Range(0, shares.Length).Select(i => Enumerable.Range(i - ((size - 1) / 2), size).Average(j => shares[Math.Clamp(j, 0, shares.Length - 1)]))];
}
