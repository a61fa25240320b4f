namespace Sio.Detection.Detectors;

/// <summary>
/// Deep ensemble: what several networks, trained alike from different seeds, predict together, p̄ = Σ_m softmax(z_m) / M; the score is max_c p̄_c, or another measure of
/// p̄ and of how far the members agree. Lakshminarayanan, Pritzel &amp; Blundell 2017, "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
/// section 2.4.
/// </summary>
/// <remarks>
/// The network under test is the first member; <c>--ensemble</c> names the others. It needs one forward pass of each network per image set. OpenOOD takes the mean of the
/// logits in place of the probabilities' (<c>ensemble.measure=mean_logits</c>). The accuracy that is told with the results stays that of the network under test.
/// </remarks>
[CatalogEntry("ensemble", "mean prediction of several networks", Paper = "Lakshminarayanan, Pritzel & Blundell 2017")]
public sealed class Ensemble : Detector
{
    /// <summary>What is taken of the members' predictions.</summary>
    [Describe("What is taken of the members' predictions: max_probability or entropy of their mean, mutual_information, their mean energy, or mean_logits, OpenOOD's.")]
    public PredictionMeasure Measure { get; init; } = PredictionMeasure.MaxProbability;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.SeveralNetworks;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return RowBlocks.Score(bank.Count, (start, rows) => MeanPrediction.Score(
            Measure, bank.Members.Count + 1, m => (m == 0 ? bank.Logits : bank.Members[m - 1]).narrow(0, start, rows)));
    }
}
