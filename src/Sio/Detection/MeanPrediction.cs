using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>What is taken of several predictions for one image, p_t = softmax(z_t), t = 1…T, with the mean p̄ = Σ_t p_t / T.</summary>
public enum PredictionMeasure
{
    /// <summary>The largest mean probability, max_c p̄_c; in (0, 1].</summary>
    MaxProbability,

    /// <summary>Negative entropy of the mean, Σ_c p̄_c · log p̄_c: total uncertainty; at most 0.</summary>
    Entropy,

    /// <summary>
    /// Negative mutual information, Σ_c p̄_c · log p̄_c − Σ_t Σ_c p_tc · log p_tc / T: the disagreement of the predictions alone, 0 where all are the same; at most 0. Houlsby
    /// et al. 2011, "Bayesian Active Learning for Classification and Preference Learning", eq. 2.
    /// </summary>
    MutualInformation,

    /// <summary>Mean negative free energy, Σ_t log Σ_c e^(z_tc) / T.</summary>
    Energy,

    /// <summary>As OpenOOD: the largest softmax probability of the mean logits Σ_t z_t / T; in (0, 1].</summary>
    MeanLogits,
}

/// <summary>One score of several predictions for the same images.</summary>
internal static class MeanPrediction
{
    private const double SmallestProbability = 2.2250738585072014e-308;

    /// <summary>Scores [n] float64, higher where the predictions are surer.</summary>
    /// <param name="measure">What is taken of them.</param>
    /// <param name="count">T, at least 1.</param>
    /// <param name="logits">Makes the logits [n,C] of prediction t, from 0, in a tensor scope of its own: one prediction is in memory at a time.</param>
    internal static Tensor Score(PredictionMeasure measure, int count, Func<int, Tensor> logits)
    {
        Tensor? sum = null, entropies = null;
        for (var t = 0; t < count; t++)
        {
            using var scope = NewDisposeScope();
            var own = logits(t).to(ScalarType.Float64);
            sum = Added(sum, measure switch
            {
                PredictionMeasure.Energy => own.logsumexp(1),
                PredictionMeasure.MeanLogits => own,
                _ => own.softmax(1),
            });
            if (measure == PredictionMeasure.MutualInformation)
            {
                var logProbabilities = own.log_softmax(1);
                entropies = Added(entropies, (logProbabilities.exp() * logProbabilities).sum(1));
            }

            // The first term becomes the sum, which is no tensor of the caller's: it is written to.
            Tensor Added(Tensor? before, Tensor term) => before?.add_(term) ?? scope.MoveToOuter(term.clone());
        }

        var mean = sum! / count;
        return measure switch
        {
            PredictionMeasure.Energy => mean,
            PredictionMeasure.MeanLogits => mean.softmax(1).amax([1]),
            PredictionMeasure.Entropy => NegativeEntropy(mean),
            // Rounding must not make equal predictions disagree the wrong way round.
            PredictionMeasure.MutualInformation => (NegativeEntropy(mean) - (entropies! / count)).clamp(max: 0),
            _ => mean.amax([1]),
        };
    }

    // A probability too small for a number adds 0.
    private static Tensor NegativeEntropy(Tensor probabilities) => (probabilities * probabilities.clamp(min: SmallestProbability).log()).sum(1);
}
