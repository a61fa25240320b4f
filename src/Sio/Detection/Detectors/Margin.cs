namespace Sio.Detection.Detectors;

/// <summary>
/// Difference of the two largest softmax probabilities: p₍₁₎ − p₍₂₎, p = softmax(z). In [0, 1]. Scheffer, Decomain &amp; Wrobel 2001, "Active Hidden
/// Markov Models for Information Extraction".
/// </summary>
[CatalogEntry("margin", "difference of the two largest softmax probabilities", Paper = "Scheffer, Decomain & Wrobel 2001")]
public sealed class Margin : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (bank.Logits.size(1) < 2)
            throw Refuse($"needs at least two classes, there is {bank.Logits.size(1)}");
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var largest = bank.Logits.Rows(start, rows).softmax(1).topk(2, dim: 1).values;
            return largest.select(1, 0) - largest.select(1, 1);
        });
    }
}
