using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>The nearest of a set of points for each of other points.</summary>
/// <param name="Indices">Which it is, from 0.</param>
/// <param name="Distances">The Euclidean distance to it; exactly 0 for a copy.</param>
/// <remarks>
/// Points are compared in blocks by matrix products in float32, ‖q − b‖² = ‖q‖² + 2·(‖b‖²/2 − qᵀb) around the mean of those to find; the best of each block is then measured in
/// float64. So distances are exact, and a neighbour can only be missed for one whose squared distance is the same to about 1e-6 of ‖q‖² + ‖b‖².
/// </remarks>
public sealed record NearestNeighbours(int[] Indices, double[] Distances)
{
    private const int QueryBlock = 1024, BankBlock = 2048;

    /// <summary>Looks among features.</summary>
    /// <param name="queries">[n,D] float32 on the CPU.</param>
    /// <param name="bank">[N,D] float32 on the CPU, N ≥ 1.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or there is no point to find.</exception>
    public static NearestNeighbours Among(Tensor queries, Tensor bank, CancellationToken cancellation = default)
    {
        PointBlocks.Check(queries, bank, 0);
        return Find((int)queries.size(0), (start, count) => queries.narrow(0, start, count), (int)bank.size(0), (start, count) => bank.narrow(0, start, count), cancellation);
    }

    /// <summary>Looks among images, by their pixels in 0…1.</summary>
    /// <param name="queries">The images to find neighbours for.</param>
    /// <param name="bank">The images to find, at least one, of the same size.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="ArgumentException">Sizes differ, or there is no image to find.</exception>
    public static NearestNeighbours Among(ImageSet queries, ImageSet bank, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(bank);
        if (!queries.HasSameImageSize(bank))
            throw new ArgumentException(ImageSet.Text($"'{queries}' and '{bank}' cannot be compared: the image sizes differ."));
        return Find(queries.Count, (start, count) => Pixels(queries, start, count), bank.Count, (start, count) => Pixels(bank, start, count), cancellation);
    }

    private static Tensor Pixels(ImageSet set, int start, int count) =>
        torch.tensor(set.CopyImages(start, count), [count, set.ImageLength]).to(ScalarType.Float32) / 255;

    private static NearestNeighbours Find(int queries, Func<int, int, Tensor> query, int bank, Func<int, int, Tensor> candidates, CancellationToken cancellation)
    {
        if (bank == 0)
            throw new ArgumentException("There is no point to find.");
        using var noGrad = no_grad();
        var (indices, squares) = (new int[queries], new double[queries]);
        Array.Fill(squares, double.PositiveInfinity);
        using var all = NewDisposeScope();
        var mean = Mean(bank, candidates);
        for (var first = 0; first < queries; first += QueryBlock)
        {
            using var outer = NewDisposeScope();
            var q = query(first, Math.Min(QueryBlock, queries - first)).contiguous();
            var around = q - mean;
            for (var start = 0; start < bank; start += BankBlock)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var b = candidates(start, Math.Min(BankBlock, bank - start)).contiguous();
                var centred = b - mean;
                var best = (around.matmul(centred.transpose(0, 1)) - (centred.square().sum(1) * 0.5)).max(1).indexes.ToArray<long>();
                var from = q.AsSpan<float>();
                var to = b.AsSpan<float>();
                var width = (int)q.size(1);
                for (var i = 0; i < best.Length; i++)
                {
                    var square = SquaredDistance(from.Slice(i * width, width), to.Slice((int)best[i] * width, width));
                    if (square < squares[first + i])
                        (squares[first + i], indices[first + i]) = (square, start + (int)best[i]);
                }
            }
        }

        return new NearestNeighbours(indices, Array.ConvertAll(squares, Math.Sqrt));
    }

    private static Tensor Mean(int count, Func<int, int, Tensor> points)
    {
        Tensor? sum = null;
        using var scope = NewDisposeScope();
        for (var start = 0; start < count; start += BankBlock)
        {
            using var inner = NewDisposeScope();
            var block = points(start, Math.Min(BankBlock, count - start)).to(ScalarType.Float64).sum(dim: 0);
            sum = inner.MoveToOuter(sum is null ? block : sum + block);
        }

        return scope.MoveToOuter((sum! / count).to(ScalarType.Float32));
    }

    private static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }
}
