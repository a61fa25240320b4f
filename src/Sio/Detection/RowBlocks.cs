using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Walks through the rows of a bank in blocks, so that what is computed on the way never grows with the number of images.</summary>
internal static class RowBlocks
{
    /// <summary>Rows of a block: 16 MB of float64 logits at a thousand classes.</summary>
    internal const int Size = 2048;

    /// <summary>Does something for each block, given its first row and its number of rows, in a tensor scope of its own.</summary>
    internal static void ForEach(int count, Action<int, int> work)
    {
        for (var start = 0; start < count; start += Size)
        {
            using var scope = NewDisposeScope();
            work(start, Math.Min(Size, count - start));
        }
    }

    /// <summary>Scores each block: a tensor [rows] of any floating-point type.</summary>
    internal static float[] Score(int count, Func<int, int, Tensor> score)
    {
        var scores = new float[count];
        ForEach(count, (start, rows) => score(start, rows).to(ScalarType.Float32).CopyTo<float>(scores.AsSpan(start, rows)));
        return scores;
    }

    /// <summary>A block of rows in float64.</summary>
    internal static Tensor Rows(this Tensor values, int start, int rows) => values.narrow(0, start, rows).to(ScalarType.Float64);
}
