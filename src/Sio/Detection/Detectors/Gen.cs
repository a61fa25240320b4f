using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Negative generalised entropy: −Σ p_i^γ · (1 − p_i)^γ over the M largest softmax probabilities. At most 0. Liu, Lochman &amp; Zach 2023,
/// "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", section 3.
/// </summary>
/// <remarks>
/// Computed in float64, with 1 − p of the largest probability as the sum of the others: so images still differ whose largest probability
/// rounds to 1, where float32 code, like the peers', gives them all the same.
/// </remarks>
[CatalogEntry("gen", "generalised entropy of the largest softmax probabilities", Paper = "Liu, Lochman & Zach 2023")]
public sealed class Gen : Detector
{
    /// <summary>γ, above 0.</summary>
    [Describe("Exponent γ, above 0; below 1 it makes small probabilities count more.")]
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    [Grid(0.01, 0.1, 0.5, 1, 2, 5, 10)]
    public double Gamma { get; init; } = 0.1;

    /// <summary>M, at least 1; all classes where it is more than there are.</summary>
    [Describe("How many of the largest probabilities are summed over; all where there are fewer classes.")]
    [Range(1, int.MaxValue)]
    [Grid(10, 50, 100, 200, 500, 1000)]
    public int M { get; init; } = 100;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (!(Gamma > 0 && double.IsFinite(Gamma)))
            throw Refuse($"gamma is {Gamma}, a finite number above 0 is needed");
        if (M < 1)
            throw Refuse($"M is {M}, at least 1 is needed");
        var summed = Math.Min(M, bank.Logits.size(1));
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var probabilities = bank.Logits.Rows(start, rows).softmax(1);
            var (largest, classes) = probabilities.topk((int)summed, dim: 1);
            var rest = 1 - largest;
            rest.narrow(1, 0, 1).copy_(probabilities.scatter(1, classes.narrow(1, 0, 1), rest.narrow(1, 0, 1).zeros_like()).sum(1, keepdim: true));
            return largest.pow(Gamma).mul(rest.pow(Gamma)).sum(1).neg();
        });
    }
}
