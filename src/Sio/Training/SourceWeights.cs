using Sio.Data;

namespace Sio.Training;

/// <summary>
/// What each image of a batch counts in the mean loss. With a weight w of the synthetic part the loss is (1 − w)·L_real + w·L_syn, whatever the batch is composed of; with quality
/// weights q, L_syn is Σ q·ℓ / Σ q.
/// </summary>
/// <param name="lossWeight">w, 0 to 1; null leaves the sources their share of the batch.</param>
/// <param name="quality">q of every synthetic image, with mean 1; null for all alike.</param>
internal sealed class SourceWeights(double? lossWeight, float[]? quality)
{
    /// <summary>The weights of a batch's images, real ones first; null where all count alike.</summary>
    /// <remarks>
    /// A batch of one source has that source's mean: there is nothing to weigh it against. Synthetic images whose q are all 0 say nothing, and leave the loss to the real ones.
    /// </remarks>
    internal float[]? For(Batch batch)
    {
        var (real, synthetic) = (batch.Real.Length, batch.Synthetic.Length);
        if (synthetic == 0 || (quality is null && (lossWeight is null || real == 0)))
            return null;
        var weights = new float[batch.Count];
        var sum = 0.0;
        for (var i = 0; i < synthetic; i++)
        {
            weights[real + i] = quality?[batch.Synthetic[i]] ?? 1;
            sum += weights[real + i];
        }

        if (lossWeight is not { } share || real == 0 || sum == 0)
        {
            weights.AsSpan(0, real).Fill(1);
            return weights;
        }

        weights.AsSpan(0, real).Fill((float)((1 - share) / real));
        for (var i = real; i < weights.Length; i++)
            weights[i] = (float)(share * weights[i] / sum);
        return weights;
    }
}
