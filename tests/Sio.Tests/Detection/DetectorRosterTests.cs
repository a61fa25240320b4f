using Sio.Engine;
using Sio.Detection;
using Sio.Recipes;

namespace Sio.Tests.Detection;

/// <summary>Which detectors run, which are skipped, and which are an error.</summary>
public sealed class DetectorRosterTests
{
    private const DetectorNeeds Sets = DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet;

    [Fact]
    public void Every_detector_runs_or_is_skipped_with_a_reason()
    {
        using var toy = new ToyBanks();
        using var roster = DetectorRoster.Create([DetectorRoster.All], [], Sets);
        var (scores, skipped) = roster.Score(toy.Fit, [toy.Id, toy.Ood]);
        Assert.Equal(Catalog<Detector>.Names, scores.Keys.Concat(skipped.Keys).Order(StringComparer.Ordinal));
        Assert.All(scores.Values, all => Assert.Equal([toy.Id.Count, toy.Ood.Count], all.Select(one => one.Length)));
        Assert.All(skipped, entry => Assert.False(entry.Value.StartsWith(entry.Key, StringComparison.Ordinal), entry.Value));
    }

    [Fact]
    public void What_runs_is_told_before_it_runs()
    {
        using var toy = new ToyBanks();
        using var roster = DetectorRoster.Create(["msp", "knn"], [], Sets);
        var heard = new List<string>();
        roster.Starting = (name, number, total) => heard.Add($"{name} {number}/{total}");
        roster.Score(toy.Fit, [toy.Id]);
        Assert.Equal(["msp 1/2", "knn 2/2"], heard);
    }

    [Fact]
    public void What_is_missing_skips_detectors_of_all_and_refuses_those_asked_for()
    {
        using var toy = new ToyBanks();
        using var roster = DetectorRoster.Create(["all"], [], DetectorNeeds.None);
        Assert.Equal(DetectorNeeds.None, roster.Needs & (Sets | DetectorNeeds.SeveralNetworks));
        var (scores, skipped) = roster.Score(toy.Fit with { Train = null, Validation = null }, [toy.Id]);
        Assert.Equal("needs the training set to fit on, and there is none", skipped["knn"]);
        Assert.Contains("msp", scores.Keys);
        Assert.Equal(
            "knn: needs the training set to fit on, and there is none",
            Assert.Throws<DetectionException>(() => DetectorRoster.Create(["all", "knn"], [], DetectorNeeds.ValidationSet)).Message);

        // Every detector there is, now and later: what it says it needs decides.
        foreach (var name in Catalog<Detector>.Names)
        {
            using var detector = DetectorFactory.Create(name);
            if ((detector.Needs & (Sets | DetectorNeeds.SeveralNetworks)) != 0)
                Assert.StartsWith(name + ": needs", Assert.Throws<DetectionException>(() => DetectorRoster.Create([name], [], DetectorNeeds.None)).Message, StringComparison.Ordinal);
            else
                DetectorRoster.Create([name], [], DetectorNeeds.None).Dispose();
        }
    }

    [Fact]
    public void A_detector_that_refuses_is_skipped_among_all_and_fails_by_name()
    {
        using var toy = new ToyBanks();
        string[] settings = ["knn.k=1501"];
        using var all = DetectorRoster.Create(["all"], settings, Sets);
        Assert.Contains("1501", all.Score(toy.Fit, [toy.Id]).Skipped["knn"], StringComparison.Ordinal);
        using var named = DetectorRoster.Create(["knn"], settings, Sets);
        Assert.Throws<DetectionException>(() => named.Score(toy.Fit, [toy.Id]));
        using var last = DetectorRoster.Create(["knn"], [.. settings, "knn.k=3"], Sets);
        Assert.Empty(last.Score(toy.Fit, [toy.Id]).Skipped);
    }

    [Fact]
    public void Names_and_settings_that_do_not_exist_are_refused()
    {
        Assert.Throws<UnknownNameException>(() => DetectorRoster.Create(["none"], [], Sets));
        Assert.Throws<UnknownNameException>(() => DetectorRoster.Create(["msp"], ["none.k=3"], Sets));
        Assert.Throws<RecipeException>(() => DetectorRoster.Create(["msp"], ["knn.q=3"], Sets));
    }

    [Fact]
    public void Scoring_leaves_no_tensors()
    {
        using var toy = new ToyBanks();
        var before = TensorCount.Settled();
        using (var roster = DetectorRoster.Create(["all"], [], Sets))
        {
            roster.Score(toy.Fit, [toy.Id]);
            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        using (var failing = DetectorRoster.Create(["knn"], ["knn.k=1501"], Sets))
            Assert.Throws<DetectionException>(() => failing.Score(toy.Fit, [toy.Id]));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
