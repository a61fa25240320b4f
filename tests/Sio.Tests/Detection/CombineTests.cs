using Sio.Detection;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class CombineTests
{
    [Fact]
    public void Z_scores_are_averaged() => Compare("combine.method=z_score", (id, scores) =>
    {
        var mean = id.Average(score => (double)score);
        var deviation = Math.Sqrt(id.Average(score => (score - mean) * (score - mean)));
        return Array.ConvertAll(scores, score => (score - mean) / deviation);
    });

    [Fact]
    public void Ranks_among_ID_scores_are_averaged() => Compare("combine.method=rank", (id, scores) => Array.ConvertAll(
        scores, score => (id.Count(other => other < score) + (0.5 * id.Count(other => other == score))) / id.Length));

    [Fact]
    public void Every_setting_matters() => PosthocReference.AssertSettingMatters("combine", "combine.method=rank", "combine.detectors=[msp, mls]");

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        Assert.ThrowsAny<Exception>(() => DetectorFactory.Create("combine", ["combine.detectors=[]"]).Fit(fit));
        Assert.Throws<DetectionException>(() => DetectorFactory.Create("combine", ["combine.detectors=[msp, combine]"]).Fit(fit));
        Assert.Throws<UnknownNameException>(() => DetectorFactory.Create("combine", ["combine.detectors=[nothing]"]).Fit(fit));
    }

    // The combination against its members run one by one.
    private static void Compare(string setting, Func<float[], float[], double[]> scale)
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = PosthocReference.Bank("near");
        using var combined = DetectorFactory.Create("combine", [setting, "combine.detectors=[mls, knn]"]);
        combined.Fit(fit);
        var actual = combined.Score(bank);
        var parts = new[] { "mls", "knn" }.Select(name =>
        {
            using var member = DetectorFactory.Create(name);
            member.Fit(fit);
            return scale(member.Score(fit.Validation!), member.Score(bank));
        }).ToArray();
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal((parts[0][i] + parts[1][i]) / 2, actual[i], 4);
    }
}
