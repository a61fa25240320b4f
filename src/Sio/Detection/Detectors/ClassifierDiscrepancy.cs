using static TorchSharp.torch;
using ClassifierDiscrepancyObjective = Sio.Training.Objectives.ClassifierDiscrepancy;

namespace Sio.Detection.Detectors;

/// <summary>
/// How far the two last layers of a network agree: −Σ_c |softmax(z₁)_c − softmax(z₂)_c|, from −2 to 0. Yu &amp; Aizawa 2019, "Unsupervised Out-of-Distribution Detection by Maximum Classifier Discrepancy", section 3.
/// </summary>
[CatalogEntry("mcd", "agreement of the two last layers of MCD", Paper = "Yu & Aizawa 2019")]
public sealed class ClassifierDiscrepancy : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.Images;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var objective = TrainedObjective.Of<ClassifierDiscrepancyObjective>(this, bank);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var second = objective.SecondLogits(bank.Features.narrow(0, start, rows).to(objective.Layers.parameters().First().device)).cpu();

            // In float64: most images differ by little.
            return -(bank.Logits.Rows(start, rows).softmax(1) - second.to(ScalarType.Float64).softmax(1)).abs().sum(1);
        });
    }
}
