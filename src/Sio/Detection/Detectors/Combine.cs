using Sio.Engine;
using TorchSharp;

namespace Sio.Detection.Detectors;

/// <summary>How <see cref="Combine"/> brings scores of different detectors to one scale.</summary>
public enum CombineMethod
{
    /// <summary>(s − mean) / standard deviation of the member's scores on ID images.</summary>
    ZScore,

    /// <summary>The share of ID images that the member scores lower, ties counting half; in [0, 1].</summary>
    Rank,
}

/// <summary>
/// The mean of several detectors' scores, each brought to one scale by its scores on in-distribution validation images (training images where there are no
/// validation images). Which detectors is a hyper-parameter; they run with their own defaults.
/// </summary>
/// <remarks>
/// Score fusion by z-normalisation or ranks is common practice in biometrics (Jain, Nandakumar &amp; Ross 2005, "Score normalization in multimodal biometric
/// systems", section 3). A z-score of a member whose ID scores are all equal is 0.
/// </remarks>
[CatalogEntry("combine", "mean of several detectors' scores, as z-scores or ranks among ID scores", Paper = "Jain, Nandakumar & Ross 2005")]
public sealed class Combine : Detector
{
    /// <summary>The members, at least one; a member cannot be a combination itself.</summary>
    [Describe("Names of the detectors whose scores are combined.")]
    public IReadOnlyList<string> Detectors { get; init; } = ["ebo", "knn"];

    /// <summary>How scores come to one scale.</summary>
    [Describe("How scores come to one scale: z_score or rank.")]
    [Grid("z_score", "rank")]
    public CombineMethod Method { get; init; } = CombineMethod.ZScore;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => Members().Aggregate(DetectorNeeds.TrainingSet, (needs, name) =>
    {
        using var member = DetectorFactory.Create(name);
        return needs | member.Needs;
    });

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var reference = fit.Validation ?? fit.Train!;
        foreach (var name in Members())
        {
            using var member = DetectorFactory.Create(name);
            member.Fit(fit);
            var scores = Array.ConvertAll(member.Score(reference), score => (double)score);
            var mean = scores.Average();
            State.Keep($"{name}/mean", mean);
            State.Keep($"{name}/deviation", Math.Sqrt(scores.Average(score => (score - mean) * (score - mean))));
            Array.Sort(scores);
            State.Keep($"{name}/sorted", torch.tensor(scores));
            foreach (var (key, value) in member.State.Tensors)
                State.Keep(MemberKey(name, key), value.alias());
            foreach (var (key, value) in member.State.Numbers)
                State.Keep(MemberKey(name, key), value);
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var members = Members();
        var sums = new double[bank.Count];
        foreach (var name in members)
        {
            using var member = Restore(name);
            var scores = member.Score(bank);
            var sorted = State.Tensor($"{name}/sorted").ToArray<double>();
            var (mean, deviation) = (State.Number($"{name}/mean"), State.Number($"{name}/deviation"));
            for (var i = 0; i < sums.Length; i++)
                sums[i] += Method == CombineMethod.Rank ? Rank(sorted, scores[i]) : deviation > 0 ? (scores[i] - mean) / deviation : 0;
        }

        return Array.ConvertAll(sums, sum => (float)(sum / members.Length));
    }

    private static string MemberKey(string name, string key) => $"{name}/state/{key}";

    // The share of reference scores below, ties counting half.
    private static double Rank(double[] sorted, double score)
    {
        var below = LowerBound(sorted, score, orEqual: false);
        var belowOrEqual = LowerBound(sorted, score, orEqual: true);
        return (below + belowOrEqual) / (2.0 * sorted.Length);
    }

    private static int LowerBound(double[] sorted, double score, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < score || (orEqual && sorted[middle] == score))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private Detector Restore(string name)
    {
        var member = DetectorFactory.Create(name);
        var prefix = MemberKey(name, string.Empty);
        foreach (var (key, value) in State.Tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            member.State.Keep(key[prefix.Length..], value.alias());
        foreach (var (key, value) in State.Numbers.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            member.State.Keep(key[prefix.Length..], value);
        member.State.MarkFitted(State.FeatureSize, State.Classes);
        return member;
    }

    private string[] Members()
    {
        if (Detectors.Count == 0)
            throw Refuse($"at least one detector must be named");
        if (Detectors.Contains("combine"))
            throw Refuse($"a combination cannot be a member of a combination");
        return [.. Detectors.Distinct()];
    }
}
