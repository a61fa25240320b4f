namespace Sio.Evaluation;

/// <summary>
/// How far a classifier's confidence is from its accuracy: Σ over bins of (samples in the bin / samples) · |accuracy − mean confidence|,
/// on the confidence of the predicted class.
/// </summary>
public static class CalibrationError
{
    /// <summary>The number of bins that the literature uses.</summary>
    public const int DefaultBins = 15;

    /// <summary>
    /// Expected calibration error, ECE, with bins of equal width ((b − 1) / B, b / B]; a confidence of exactly 0 counts in the first.
    /// Naeini, Cooper &amp; Hauskrecht 2015; Guo et al. 2017 (arXiv 1706.04599), equation 3.
    /// </summary>
    /// <param name="confidences">Probability of the predicted class, 0 to 1, at least one.</param>
    /// <param name="correct">Whether the sample of the same index is classified correctly.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    /// <returns>Per cent, 0 to 100; lower is better.</returns>
    /// <exception cref="ArgumentException">There are no samples, lengths differ, or a confidence is no probability.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no bins.</exception>
    public static double Expected(ReadOnlySpan<double> confidences, ReadOnlySpan<bool> correct, int bins = DefaultBins)
    {
        Check(confidences, correct, bins);
        var gaps = new CompensatedSum[bins];
        for (var i = 0; i < confidences.Length; i++)
            gaps[Bin(confidences[i], bins)].Add((correct[i] ? 1 : 0) - confidences[i]);
        return 100 * gaps.Sum(gap => Math.Abs(gap.Value)) / confidences.Length;
    }

    /// <summary>
    /// Adaptive calibration error of the predicted class: the same sum over bins of equal mass, bin r of R holding the samples of rank floor(r·N / R) to
    /// floor((r + 1)·N / R) − 1 by confidence. Adaptive binning: Nguyen &amp; O'Connor 2015; Nixon et al. 2019 (arXiv 1904.01685),
    /// who bin every class's probability; on the predicted class alone, as here, it is the AdaECE of Mukhoti et al. 2020
    /// (arXiv 2002.09437).
    /// </summary>
    /// <remarks>Samples of equal confidence that a boundary parts share their correct ones evenly, so that the order of the input does not matter.</remarks>
    /// <inheritdoc cref="Expected" path="/param|/returns|/exception"/>
    public static double Adaptive(ReadOnlySpan<double> confidences, ReadOnlySpan<bool> correct, int bins = DefaultBins)
    {
        Check(confidences, correct, bins);
        var sorted = confidences.ToArray();
        var right = new double[sorted.Length];
        for (var i = 0; i < right.Length; i++)
            right[i] = correct[i] ? 1 : 0;
        Array.Sort(sorted, right);
        ShareAmongEquals(sorted, right);

        var total = 0.0;
        for (var bin = 0; bin < bins; bin++)
        {
            var (from, upTo) = ((int)((long)bin * sorted.Length / bins), (int)((bin + 1L) * sorted.Length / bins));
            var gap = default(CompensatedSum);
            for (var i = from; i < upTo; i++)
                gap.Add(right[i] - sorted[i]);
            total += Math.Abs(gap.Value);
        }

        return 100 * total / sorted.Length;
    }

    // The product alone can be a little off: 0.2 · 15 is 3 and a bit in binary.
    private static int Bin(double confidence, int bins)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
        if (bin > 0 && confidence <= bin / (double)bins)
            bin--;
        else if (bin < bins - 1 && confidence > (bin + 1) / (double)bins)
            bin++;
        return bin;
    }

    private static void ShareAmongEquals(double[] sorted, double[] right)
    {
        for (int from = 0, upTo; from < sorted.Length; from = upTo)
        {
            var sum = 0.0;
            for (upTo = from; upTo < sorted.Length && sorted[upTo] == sorted[from]; upTo++)
                sum += right[upTo];
            Array.Fill(right, sum / (upTo - from), from, upTo - from);
        }
    }

    private static void Check(ReadOnlySpan<double> confidences, ReadOnlySpan<bool> correct, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (confidences.Length != correct.Length)
            throw new ArgumentException($"There are {confidences.Length} confidences, but {correct.Length} flags of correct classification.");
        if (confidences.IsEmpty)
            throw new ArgumentException("There are no confidences; calibration needs at least one.");
        for (var i = 0; i < confidences.Length; i++)
        {
            if (!(confidences[i] >= 0 && confidences[i] <= 1))
                throw new ArgumentException($"Confidence {i} is {confidences[i]}; a probability lies in [0, 1]. (Logits need a softmax first: {nameof(SoftmaxPredictions)}.)");
        }
    }
}
