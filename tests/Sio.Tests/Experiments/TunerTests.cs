using Sio.Engine;
using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Experiments;
using Sio.Tests.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Experiments;

/// <summary>The search for hyper-parameters: it finds a best setting that is known, refits for each one, and sees no test image.</summary>
public sealed class TunerTests
{
    private const DetectorNeeds Sets = DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet;

    // T·log Σ e^(z/T): logits (8, 8) give 8.69 at T = 1 and 14.93 at T = 10, (10, 0) give 10.00 and 13.13. So ID (8, 8) against OOD (10, 0) is
    // all wrong at T = 1 and all right from T = 10 on, of which the first wins.
    private static readonly float[][] s_flat = [[8, 8], [8, 8]];
    private static readonly float[][] s_peaked = [[10, 0], [0, 10], [10, 0]];

    [Fact]
    public void The_best_setting_wins_and_the_first_of_equal_ones()
    {
        using var banks = new Logits(id: s_flat, ood: s_peaked);
        var tuner = new Tuner(banks.Fit, banks.Ood);
        Assert.Equal(["ebo.temperature=10"], tuner.Choose("ebo", []));
        var tuned = tuner.Tuned["ebo"];
        Assert.Equal((100.0, 0.0), (tuned.Auroc, tuned.DefaultAuroc!.Value));
        Assert.Equal([0.0, 100, 100, 100], tuned.Tried.Select(tried => tried.Auroc!.Value));
        Assert.Equal(["ebo.temperature=1", "ebo.temperature=10", "ebo.temperature=100", "ebo.temperature=1000"], tuned.Tried.Select(tried => Assert.Single(tried.Settings)));

        using var other = new Logits(id: s_peaked, ood: s_flat);
        Assert.Equal(["ebo.temperature=1"], new Tuner(other.Fit, other.Ood).Choose("ebo", []));
    }

    [Fact]
    public void Test_sets_have_no_say()
    {
        using var validation = new Logits(id: s_flat, ood: s_peaked);
        using var tests = new Logits(id: s_peaked, ood: s_flat);
        var tuner = new Tuner(validation.Fit, validation.Ood);
        using var roster = DetectorRoster.Create(["ebo", "msp"], [], Sets);
        Assert.True(roster.CanTune);
        var scores = roster.Score(validation.Fit, [tests.Id, tests.Ood], tuner.Choose, CancellationToken.None).Scores;

        // On the test sets T = 1 would have been all right, T = 10 is all wrong.
        Assert.Equal(["ebo.temperature=10"], tuner.Tuned["ebo"].Settings);
        Assert.Equal(0, OodMetrics.Compute(scores["ebo"][0], scores["ebo"][1]).Auroc);
        Assert.Equal(13.13f, scores["ebo"][0][0], 0.01f);
        Assert.Equal(["ebo"], tuner.Tuned.Keys);
    }

    // Each of these keeps what it has fitted with the setting.
    [Theory]
    [InlineData("react", 300)]
    [InlineData("dice", 300)]
    [InlineData("vra", 300)]
    [InlineData("combine", 300)]
    [InlineData("relation", 300)]
    [InlineData("knn", 1000)]
    public void Every_setting_is_fitted_anew(string name, int train)
    {
        using var toy = new RandomBanks(size: 12, train);
        var tuner = new Tuner(toy.Fit, toy.Ood);
        var chosen = tuner.Choose(name, []);
        var tuned = tuner.Tuned[name];
        foreach (var tried in tuned.Tried)
            Assert.Equal(toy.Auroc(name, tried.Settings), tried.Auroc);
        Assert.True(tuned.Tried.Select(tried => tried.Auroc).Distinct().Count() > 1, "the settings change nothing");
        Assert.Equal(tuned.Tried.Max(tried => tried.Auroc), tuned.Auroc);
        Assert.Equal(toy.Auroc(name, []), tuned.DefaultAuroc);

        // And so is the one chosen, for the tests.
        using var roster = DetectorRoster.Create([name], [], Sets);
        using var fresh = DetectorFactory.Create(name, chosen);
        fresh.Fit(toy.Fit);
        Assert.Equal(fresh.Score(toy.Ood), roster.Score(toy.Fit, [toy.Ood], tuner.Choose, CancellationToken.None).Scores[name][0]);
    }

    [Fact]
    public void What_cannot_run_on_the_data_is_left_out_and_listed()
    {
        // 300 features: dim = 1000 is more than there are. The default is not in the grid, and wins only where it is better.
        using var wide = new RandomBanks(size: 300, train: 400);
        var of42 = new Tuner(wide.Fit, wide.Ood);
        Assert.True(wide.Auroc("vim", ["vim.dim=42"]) > wide.Auroc("vim", ["vim.dim=256"]));
        Assert.Empty(of42.Choose("vim", []));
        Assert.Equal(wide.Auroc("vim", ["vim.dim=42"]), of42.Tuned["vim"].Auroc);

        // A benchmark may have another default.
        var tuner = new Tuner(wide.Fit, wide.Ood) { Defaults = ["vim.dim=42"] };
        Assert.Empty(tuner.Choose("vim", []));
        var worse = $"vim.dim={new[] { 10, 20, 100, 200, 250, 290 }.First(dim => wide.Auroc("vim", [$"vim.dim={dim}"]) < wide.Auroc("vim", ["vim.dim=256"]))}";
        tuner = new Tuner(wide.Fit, wide.Ood) { Defaults = [worse] };
        Assert.Equal(["vim.dim=256"], tuner.Choose("vim", []));
        var tuned = tuner.Tuned["vim"];
        Assert.Equal(wide.Auroc("vim", ["vim.dim=256"]), tuned.Auroc);
        Assert.Equal(wide.Auroc("vim", [worse]), tuned.DefaultAuroc);
        Assert.NotEqual(tuned.Auroc, tuned.DefaultAuroc);
        Assert.Null(tuned.Tried[1].Auroc);
        Assert.StartsWith("dim = 1000 must be", tuned.Tried[1].Refused, StringComparison.Ordinal);

        using var small = new RandomBanks(size: 12, train: 120);
        var knn = new Tuner(small.Fit, small.Ood);
        knn.Choose("knn", []);
        Assert.Equal([true, true, false, false, false], knn.Tuned["knn"].Tried.Select(tried => tried.Auroc is not null));

        // A network of 12 features has none of the grid's dimensions, but ViM's default fits it.
        Assert.Empty(knn.Choose("vim", []));
        Assert.Equal(small.Auroc("vim", []), knn.Tuned["vim"].Auroc);
        Assert.All(knn.Tuned["vim"].Tried, tried => Assert.NotNull(tried.Refused));
    }

    [Fact]
    public void Where_nothing_of_the_grid_can_run_the_detector_is_skipped_or_refused()
    {
        using var tiny = new RandomBanks(size: 12, train: 20);
        var tuner = new Tuner(tiny.Fit, tiny.Ood);
        var error = Assert.Throws<DetectionException>(() => tuner.Choose("knn", []));
        Assert.StartsWith("knn: none of the 5 settings of its grid can run here (knn.k=50: k = 50", error.Message, StringComparison.Ordinal);

        // Other settings would not help here, and are not advised.
        var needs = Assert.Throws<DetectionException>(() => tuner.Choose("nac", []));
        Assert.Equal("nac: needs the images and the network, train has only features", needs.Message);
        using var all = DetectorRoster.Create(["all"], [], Sets);
        var (scores, skipped) = all.Score(tiny.Fit, [tiny.Ood], tuner.Choose, CancellationToken.None);
        Assert.StartsWith("none of the 5 settings", skipped["knn"], StringComparison.Ordinal);
        Assert.Contains("msp", scores.Keys);
        using var named = DetectorRoster.Create(["knn"], [], Sets);
        Assert.Throws<DetectionException>(() => named.Score(tiny.Fit, [tiny.Ood], tuner.Choose, CancellationToken.None));
        Assert.Equal(["knn"], DetectorRoster.Create(["knn"], ["knn.k=5"], Sets).Score(tiny.Fit, [tiny.Ood], tuner.Choose, CancellationToken.None).Scores.Keys);
    }

    [Fact]
    public void What_the_user_has_set_stays()
    {
        using var toy = new RandomBanks(size: 12, train: 300);
        var tuner = new Tuner(toy.Fit, toy.Ood);
        var chosen = tuner.Choose("vra", ["VRA.percentile_low=2"]);
        Assert.StartsWith("vra.percentile_high=", Assert.Single(chosen), StringComparison.Ordinal);
        Assert.Equal(4, tuner.Tuned["vra"].Tried.Count);
        foreach (var tried in tuner.Tuned["vra"].Tried)
            Assert.Equal(toy.Auroc("vra", ["vra.percentile_low=2", .. tried.Settings]), tried.Auroc);
        Assert.Equal(toy.Auroc("vra", ["vra.percentile_low=2"]), tuner.Tuned["vra"].DefaultAuroc);
        Assert.Empty(tuner.Choose("knn", ["knn.k=3"]));
        Assert.Empty(tuner.Choose("msp", []));
        Assert.Equal(["vra"], tuner.Tuned.Keys);
        using var roster = DetectorRoster.Create(["knn", "msp"], ["knn.k=3"], Sets);
        Assert.False(roster.CanTune);
    }

    [Fact]
    public void The_search_tells_what_it_searches_leaves_no_tensors_and_can_be_stopped()
    {
        using var toy = new RandomBanks(size: 12, train: 60);
        var before = TensorCount.Settled();
        var observer = new Heard();
        var tuner = new Tuner(toy.Fit, toy.Ood, observer);
        tuner.Choose("knn", []);
        tuner.Choose("react", []);
        Assert.Equal(["knn: 5", "react: 4"], observer.Lines);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Throws<OperationCanceledException>(() => new Tuner(toy.Fit, toy.Ood, null, new CancellationToken(canceled: true)).Choose("knn", []));
        Assert.Throws<DetectionException>(() => new Tuner(toy.Fit with { Validation = null }, toy.Ood));
    }

    private sealed class Heard : RunObserver
    {
        internal List<string> Lines { get; } = [];

        public override void Tuning(string detector, int settings) => Lines.Add(FormattableString.Invariant($"{detector}: {settings}"));
    }

    /// <summary>Banks of given logits over two classes; features mean nothing.</summary>
    private sealed class Logits : IDisposable
    {
        private readonly Tensor _weight = torch.zeros([2, 3]);
        private readonly Tensor _bias = torch.zeros([2]);

        internal Logits(float[][] id, float[][] ood)
        {
            (Id, Ood) = (Bank(id, 0), Bank(ood, ImageSet.OodLabel));
            Fit = new DetectorFit(null, _weight, _bias, Id);
        }

        internal FeatureBank Id { get; }

        internal FeatureBank Ood { get; }

        internal DetectorFit Fit { get; }

        public void Dispose()
        {
            Id.Dispose();
            Ood.Dispose();
            _weight.Dispose();
            _bias.Dispose();
        }

        private static FeatureBank Bank(float[][] logits, int label) =>
            RowBanks.Of([.. logits.Select(_ => new float[3])], [.. logits.Select(_ => label)], 2, logits);
    }

    /// <summary>Random features, on which settings are better and worse by chance alone.</summary>
    private sealed class RandomBanks : IDisposable
    {
        private readonly FeatureBank _train;
        private readonly FeatureBank _validation;

        internal RandomBanks(int size, int train)
        {
            _train = RowBanks.Random("train", train, size, 3);
            _validation = RowBanks.Random("validation", 60, size, 3);
            Ood = RowBanks.Random("ood", 70, size, 3);
            Fit = RowBanks.Fit(_train, _validation);
        }

        internal FeatureBank Ood { get; }

        internal DetectorFit Fit { get; }

        internal double Auroc(string name, IReadOnlyList<string> settings)
        {
            using var detector = DetectorFactory.Create(name, settings);
            detector.Fit(Fit);
            return OodMetrics.Compute(detector.Score(_validation), detector.Score(Ood)).Auroc;
        }

        public void Dispose()
        {
            _train.Dispose();
            _validation.Dispose();
            Ood.Dispose();
            Fit.HeadWeight.Dispose();
            Fit.HeadBias.Dispose();
        }
    }
}
