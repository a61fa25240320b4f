using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>What detectors share that change the features and take the energy of the logits that the last layer gives for them.</summary>
internal static class ActivationShaping
{
    // e^80 leaves room in float32 for features and weights; with features that are not negative Σf / Σtop is at most D / k, so it is hardly ever met.
    private const double LargestExponent = 80;

    /// <summary>The energy log Σ_c e^(z'_c) of the logits z' = W f' + b for features f' made of the bank's.</summary>
    /// <param name="bank">The images.</param>
    /// <param name="weight">W, [C,D].</param>
    /// <param name="bias">b, [C].</param>
    /// <param name="shape">Makes f' [n,D] of f [n,D], both float64.</param>
    internal static float[] Energies(FeatureBank bank, Tensor weight, Tensor bias, Func<Tensor, Tensor> shape)
    {
        var (weight64, bias64) = (weight.to(ScalarType.Float64), bias.to(ScalarType.Float64));
        return FeatureBlocks.Score(bank, (features, _) => nn.functional.linear(shape(features), weight64, bias64).logsumexp(1));
    }

    /// <summary>k, how many of D features a percentile keeps: D − D · percentile / 100, rounded half to even.</summary>
    /// <exception cref="DetectionException">The percentile is out of range, or none is kept.</exception>
    internal static long Kept(string detector, long features, double percentile)
    {
        RefusePercentile(detector, "percentile", percentile);
        var kept = features - (long)Math.Round(features * percentile / 100, MidpointRounding.ToEven);
        return kept > 0
            ? kept
            : throw new DetectionException(FormattableString.Invariant($"{detector}: percentile {percentile} keeps none of {features} features; give a lower one"));
    }

    /// <summary>Refuses a percentile that is none.</summary>
    /// <exception cref="DetectionException">It is outside [0, 100].</exception>
    internal static void RefusePercentile(string detector, string key, double percentile)
    {
        if (percentile is not (>= 0 and <= 100))
            throw new DetectionException(FormattableString.Invariant($"{detector}: {key} is {percentile}, a number from 0 to 100 is needed"));
    }

    /// <summary>Features [n,D] that are zero but at <paramref name="places"/> [n,k], where they are <paramref name="values"/> [n,k].</summary>
    internal static Tensor Only(Tensor features, Tensor places, Tensor values) => features.zeros_like().scatter(1, places, values);

    /// <summary>
    /// exp(Σf / Σtop), [n,1]. Where the top features sum to nothing the factor is 1; the exponent is cut at 80, so that it never overflows.
    /// </summary>
    internal static Tensor Amplification(Tensor features, Tensor top)
    {
        var sum = top.sum(1, keepdim: true);
        var none = sum.eq(0);
        return features.sum(1, keepdim: true).div(sum.masked_fill(none, 1)).masked_fill(none, 0).clamp(max: LargestExponent).exp();
    }
}
