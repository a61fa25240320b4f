namespace Sio.Detection.Detectors;

/// <summary>
/// Negative entropy of the softmax: Σ_c p_c · log p_c, p = softmax(z), in nats. In [−log C, 0]; 0 where one class has all the probability.
/// Shannon 1948, "A Mathematical Theory of Communication", section 6.
/// </summary>
/// <remarks>Computed from log-softmax in float64: a class whose probability is too small for a number adds 0.</remarks>
[CatalogEntry("entropy", "negative entropy of the softmax", Paper = "Shannon 1948")]
public sealed class Entropy : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var logProbabilities = bank.Logits.Rows(start, rows).log_softmax(1);
            return (logProbabilities.exp() * logProbabilities).sum(1);
        });
    }
}
