using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Looks whether a bank's parts belong together. Detectors take the last layer's weights for those that made the logits, and logits for
/// what stands before the softmax; a bank where
/// this does not hold gives scores like any other, so it has to be said.
/// </summary>
public static class BankCheck
{
    /// <summary>
    /// How far features · Wᵀ + b may be from the logits, as a fraction of the largest logit (of 1, where all are smaller). Values that were
    /// computed in 16 bits stay within it; another layer's are
    /// off by about the size of the logits.
    /// </summary>
    public const double Tolerance = 0.01;

    // Rows spread over the set: another network's part of it is seen wherever it stands, and a million images cost no more than these.
    private const int Rows = 1024;
    private const double SumTolerance = 1e-3;

    /// <summary>Looks at one set.</summary>
    /// <param name="bank">The set.</param>
    /// <param name="head">The linear last layer, weight [C,D] and bias [C]; null where there is none, or where it is not known.</param>
    /// <returns>What is not as it should be, each on one line.</returns>
    public static IReadOnlyList<string> Warnings(FeatureBank bank, (Tensor Weight, Tensor Bias)? head)
    {
        ArgumentNullException.ThrowIfNull(bank);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = Spread(bank.Count);
        var logits = bank.Logits.index_select(0, rows);
        var warnings = new List<string>();
        if (OtherThanLogits(logits) is { } other)
            warnings.Add($"{bank.Name}: the logits are {other}: detectors that use logits (ebo, maxlogit, react, …) mean something else then; store what stands before the softmax");
        foreach (var (member, number) in bank.Members.Select((member, i) => (member, i + 1)))
        {
            if (OtherThanLogits(member.index_select(0, rows)) is { } ofMember)
                warnings.Add($"{bank.Name}: the logits of the ensemble's further network {number} are {ofMember}: store what stands before the softmax");
        }

        if (head is var (weight, bias) && Difference(bank, rows, logits, weight, bias) is { } difference)
            warnings.Add(difference);
        return warnings;
    }

    /// <summary>What values are that are no logits: probabilities, or their logarithms; null for logits.</summary>
    /// <param name="logits">[N,C].</param>
    internal static string? OtherThanLogits(Tensor logits)
    {
        // One class alone has the probability 1 whatever its logit.
        if (logits.size(1) < 2)
            return null;
        using var scope = NewDisposeScope();
        var values = logits.to(ScalarType.Float64);
        var (least, most) = (values.min().ToDouble(), values.max().ToDouble());
        if (least >= 0 && most <= 1 && SumToOne(values))
            return "probabilities (all lie between 0 and 1, and each row sums to 1)";
        return most <= 0 && SumToOne(values.exp()) ? "logarithms of probabilities (no value is above 0, and the exponentials of each row sum to 1)" : null;
    }

    private static bool SumToOne(Tensor values) => (values.sum(dim: 1) - 1).abs().max().ToDouble() <= SumTolerance;

    private static string? Difference(FeatureBank bank, Tensor rows, Tensor logits, Tensor weight, Tensor bias)
    {
        var expected = logits.to(ScalarType.Float64);
        var given = nn.functional.linear(bank.Features.index_select(0, rows).to(ScalarType.Float64), weight.to(ScalarType.Float64), bias.to(ScalarType.Float64));
        var differences = (given - expected).abs().amax([1]);
        var largest = differences.max().ToDouble();
        var size = Math.Max(1, expected.abs().max().ToDouble());
        if (largest <= Tolerance * size)
            return null;
        var image = rows[differences.argmax()].item<long>();
        var cause = SameInOtherOrder(given, expected, size) ? "they are the logits of the same layer with the classes in another order" : "the last layer may be another network's, or no linear one";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{bank.Name}: the logits are not features · fc_weightᵀ + fc_bias: the largest difference is {largest:G4} (image {image}; the largest logit is {size:G4}). {Capital(cause)}; scores of detectors that use the last layer (react, ash, vim, …) belong to other logits then");
    }

    // Sorted, each image has the same values.
    private static bool SameInOtherOrder(Tensor given, Tensor expected, double size) =>
        (given.sort(dim: 1).Values - expected.sort(dim: 1).Values).abs().max().ToDouble() <= Tolerance * size;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static Tensor Spread(int count)
    {
        var taken = Math.Min(count, Rows);
        return tensor([.. Enumerable.Range(0, taken).Select(i => (long)i * count / taken)], dtype: ScalarType.Int64);
    }
}
