namespace Sio.Evaluation;

/// <summary>What a classifier's logits say about labelled samples, by softmax: p_c = exp(z_c) / Σ exp(z_k), in float64.</summary>
/// <param name="Confidences">Probability of the predicted class, the one with the largest logit, the first among equals.</param>
/// <param name="Correct">Whether that class is the label.</param>
/// <param name="NegativeLogLikelihood">Mean of −ln p of the label, in nats; 0 and up, lower is better. Guo et al. 2017
/// (arXiv 1706.04599), over the number of samples.</param>
public sealed record SoftmaxPredictions(double[] Confidences, bool[] Correct, double NegativeLogLikelihood)
{
    /// <summary>Reads logits.</summary>
    /// <param name="logits">One row of finite logits per sample, row after row.</param>
    /// <param name="labels">True class per sample, at least one.</param>
    /// <exception cref="ArgumentException">There are no samples, the logits are no whole rows, a logit is not finite, or a label is no class.</exception>
    public static SoftmaxPredictions FromLogits(ReadOnlySpan<double> logits, ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty || logits.IsEmpty || logits.Length % labels.Length != 0)
            throw new ArgumentException($"There are {logits.Length} logits for {labels.Length} labels; one row of logits per label is needed.");

        var classes = logits.Length / labels.Length;
        var (confidences, correct) = (new double[labels.Length], new bool[labels.Length]);
        var loss = default(CompensatedSum);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"Label {i} is {labels[i]}; the classes are 0 to {classes - 1}.");

            // Relative to the largest logit no exponential overflows, and at least one is 1.
            var best = Largest(row, i);
            var sum = 0.0;
            foreach (var logit in row)
                sum += Math.Exp(logit - row[best]);
            confidences[i] = 1 / sum;
            correct[i] = best == labels[i];
            loss.Add(row[best] - row[labels[i]] + Math.Log(sum));
        }

        return new SoftmaxPredictions(confidences, correct, loss.Value / labels.Length);
    }

    /// <inheritdoc cref="FromLogits(ReadOnlySpan{double}, ReadOnlySpan{int})"/>
    public static SoftmaxPredictions FromLogits(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        var wide = new double[logits.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = logits[i];
        return FromLogits(wide, labels);
    }

    private static int Largest(ReadOnlySpan<double> row, int sample)
    {
        var best = 0;
        for (var c = 0; c < row.Length; c++)
        {
            if (!double.IsFinite(row[c]))
                throw new ArgumentException($"Logit {c} of sample {sample} is {row[c]}; logits must be finite.");
            if (row[c] > row[best])
                best = c;
        }

        return best;
    }
}
