using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Divergence from the nearest class template: −min_c KL(p ‖ q_c), p = softmax(z), q_c the mean p of the validation images predicted as c. At
/// most 0. Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection for Real-World Settings", "KL matching".
/// </summary>
/// <remarks>
/// A class that no validation image is predicted as has no template and is left out of the minimum; the peers' code gives NaN there.
/// Computed in float64 from log-softmax; a template's probability is at least the smallest normal float64, so that no divergence is infinite.
/// </remarks>
[CatalogEntry("klm", "KL divergence from the nearest class's mean softmax", Paper = "Hendrycks et al. 2022")]
public sealed class Klm : Detector
{
    private const double SmallestProbability = 2.2250738585072014e-308;
    private const string LogTemplates = "log_templates";

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.ValidationSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var bank = fit.Validation!;
        if (bank.Count == 0)
            throw Refuse($"the validation set is empty");
        var classes = bank.Logits.size(1);
        var sums = torch.zeros([classes, classes], dtype: ScalarType.Float64);
        var counts = new double[classes];
        RowBlocks.ForEach(bank.Count, (start, rows) =>
        {
            var logits = bank.Logits.Rows(start, rows);
            var predicted = logits.argmax(1);
            sums.index_add_(0, predicted, logits.softmax(1), 1);
            foreach (var label in predicted.ToArray<long>())
                counts[label]++;
        });

        long[] present = [.. Enumerable.Range(0, counts.Length).Where(c => counts[c] > 0)];
        var counted = torch.tensor(Array.ConvertAll(present, c => counts[c]), [present.Length, 1]);
        State.Keep(LogTemplates, sums.index_select(0, torch.tensor(present)).div(counted).clamp(min: SmallestProbability).log());
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var templates = State.Tensor(LogTemplates).transpose(0, 1);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            // KL(p‖q) = Σ p·log p − Σ p·log q, whose second part is a matrix product over all templates.
            var logProbabilities = bank.Logits.Rows(start, rows).log_softmax(1);
            var probabilities = logProbabilities.exp();
            var cross = probabilities.matmul(templates).amax([1]);
            return cross - (probabilities * logProbabilities).sum(1);
        });
    }
}
