using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Walks through a bank in blocks of rows, in float64: the copies that a formula makes of features and logits stay a few ten megabytes, however large
/// the bank is.
/// </summary>
internal static class FeatureBlocks
{
    private const long BlockElements = 1L << 22;

    // So small that no feature of a network is meant by it, and so large that a score divided by it is finite in float32.
    private const double Nothing = 1e-12;

    /// <summary>One score per image.</summary>
    /// <param name="bank">The images.</param>
    /// <param name="score">Scores [n] of features [n,D] and logits [n,C], both float64; it runs in a tensor scope of its own.</param>
    internal static float[] Score(FeatureBank bank, Func<Tensor, Tensor, Tensor> score)
    {
        var scores = new float[bank.Count];
        ForEach(bank, (start, features, logits) =>
            score(features, logits).to(ScalarType.Float32).CopyTo<float>(scores.AsSpan(start, (int)features.size(0))));
        return scores;
    }

    /// <summary>The mean feature, [D] float64.</summary>
    /// <exception cref="DetectionException">The bank is empty.</exception>
    internal static Tensor Mean(FeatureBank bank)
    {
        RefuseEmpty(bank);
        var sum = torch.zeros([bank.Features.size(1)], dtype: ScalarType.Float64);
        ForEach(bank, (_, features, _) => sum.add_(features.sum(dim: 0)));
        return sum / bank.Count;
    }

    /// <summary>The lengths [n] of vectors [n,D], to divide by: at least 1e-12, so that nothing is divided by zero.</summary>
    internal static Tensor Length(Tensor vectors) => linalg.vector_norm(vectors, dims: [1]).clamp(min: Nothing);

    /// <summary>Calls an action with the first row, the features [n,D] and the logits [n,C] of each block, in float64 and in a tensor scope of its own.</summary>
    internal static void ForEach(FeatureBank bank, Action<int, Tensor, Tensor> action)
    {
        var rows = (int)Math.Max(1, BlockElements / Math.Max(bank.Features.size(1), bank.Logits.size(1)));
        for (var start = 0; start < bank.Count; start += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, bank.Count - start);
            action(start, bank.Features.narrow(0, start, count).to(ScalarType.Float64), bank.Logits.narrow(0, start, count).to(ScalarType.Float64));
        }
    }

    /// <summary>Refuses a bank to fit on that has no image.</summary>
    /// <exception cref="DetectionException">It has none.</exception>
    internal static void RefuseEmpty(FeatureBank bank)
    {
        if (bank.Count == 0)
            throw new DetectionException($"{bank.Name} has no image to fit on");
    }
}
