using System.Numerics;
using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// The k largest of ⟨q, b_j⟩ + o_j over the rows b_j of a bank, exactly, for detectors that look for nearest neighbours. Blocked matrix products
/// and a running choice of the k: memory is query block × bank block, never N × N.
/// </summary>
/// <remarks>
/// Each query keeps its k best in a heap whose root is the least of them. Once the heap is full, hardly any product beats the root, so a block is
/// passed over with vector comparisons while it is still in the cache; sorting every block would cost about as much as the products.
/// </remarks>
internal static class LargestProducts
{
    /// <summary>Rows to look up at a time.</summary>
    public const int QueryBlock = 1024;

    /// <summary>Rows of the bank at a time. 1024 × 2048 products are 8 MB.</summary>
    public const int BankBlock = 2048;

    /// <summary>Banks of so many bytes and more are not copied: they are made ready block by block while they are looked through.</summary>
    public const long CopiedBelow = 2L << 30;

    // Queries that go through the bank together where each look costs making it ready, or reading it from the disk: their copies are 1 GB at 2048 features.
    private const int StreamedQueries = 128 * QueryBlock;

    // Added by the peers to every normalised feature; it keeps their scores to the last digits.
    private const double Offset = 1e-10;

    /// <summary>f/‖f‖ + 1e-10 for each row; a row of zeros stays one.</summary>
    public static Tensor Normalize(Tensor features)
    {
        var norm = linalg.vector_norm(features, dims: [1], keepdim: true);
        // Squares of small features vanish in float32; what is left of such a row's length is not exact.
        var small = norm.lt(1e-15);
        if (small.any().ToBoolean())
            norm = torch.where(small, linalg.vector_norm(features.to(ScalarType.Float64), dims: [1], keepdim: true).to(ScalarType.Float32), norm);
        return features.div(norm.masked_fill(norm.eq(0), 1)) + Offset;
    }

    /// <summary>The k largest of ⟨q, b_j⟩ + o_j for each query.</summary>
    /// <param name="queries">[n,D] float32 on the CPU, n at most <see cref="QueryBlock"/>.</param>
    /// <param name="bank">[N,D] float32 on the CPU, N at least k.</param>
    /// <param name="offsets">[N] float32 on the CPU; null for zeros.</param>
    /// <param name="k">How many.</param>
    /// <returns>n·k values; those of a query lie together, the least of them first and the rest in no order.</returns>
    public static float[] Of(Tensor queries, Tensor bank, Tensor? offsets, int k)
    {
        var (count, total) = ((int)queries.size(0), bank.size(0));
        var best = Nothing(count, k);
        for (long start = 0; start < total; start += BankBlock)
        {
            using var scope = NewDisposeScope();
            var width = Math.Min(BankBlock, total - start);
            Take(queries, bank.narrow(0, start, width), offsets?.narrow(0, start, width), best, k);
        }

        return best;
    }

    /// <summary>
    /// The same for any number of queries and a bank that is made ready block by block, as one that is larger than memory must be: the bank is walked through once
    /// for some hundred thousand queries.
    /// </summary>
    /// <param name="features">The queries' features, [n,D] float32 on the CPU, not yet normalised.</param>
    /// <param name="bankSize">N, at least k.</param>
    /// <param name="bank">Rows of the bank [m,D] and their offsets [m], or null for zeros, from a first row on; it runs in a tensor scope of its own.</param>
    /// <param name="k">How many.</param>
    /// <param name="found">Is given the first query, the normalised queries [m,D], at most <see cref="QueryBlock"/> of them, and what <see cref="Of"/> gives for them.</param>
    public static void Stream(Tensor features, long bankSize, Func<long, long, (Tensor Rows, Tensor? Offsets)> bank, int k, Action<int, Tensor, float[]> found)
    {
        var total = features.size(0);
        for (long first = 0; first < total; first += StreamedQueries)
        {
            using var all = NewDisposeScope();
            var blocks = new List<(int Start, Tensor Queries, float[] Best)>();
            for (var start = first; start < Math.Min(first + StreamedQueries, total); start += QueryBlock)
            {
                using var scope = NewDisposeScope();
                var count = (int)Math.Min(QueryBlock, total - start);
                blocks.Add(((int)start, scope.MoveToOuter(Normalize(features.narrow(0, start, count))), Nothing(count, k)));
            }

            for (long start = 0; start < bankSize; start += BankBlock)
            {
                using var scope = NewDisposeScope();
                var (rows, offsets) = bank(start, Math.Min(BankBlock, bankSize - start));
                foreach (var (_, queries, best) in blocks)
                {
                    using var step = NewDisposeScope();
                    Take(queries, rows, offsets, best, k);
                }
            }

            foreach (var (start, queries, best) in blocks)
                found(start, queries, best);
        }
    }

    private static float[] Nothing(int count, int k)
    {
        var best = new float[checked(count * k)];
        Array.Fill(best, float.NegativeInfinity);
        return best;
    }

    private static void Take(Tensor queries, Tensor bank, Tensor? offsets, float[] best, int k)
    {
        var width = (int)bank.size(0);
        var products = new Rows<float>(queries.matmul(bank.transpose(0, 1)).contiguous(), width);
        var added = new Rows<float>(offsets ?? torch.zeros([width]), width);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = TorchRuntime.Threads };
        Parallel.For(0, (int)queries.size(0), parallel, row => Choose(products[row], added[0], best.AsSpan(row * k, k)));
    }

    private static void Choose(ReadOnlySpan<float> products, ReadOnlySpan<float> offsets, Span<float> heap)
    {
        var lanes = Vector<float>.Count;
        var vectors = products.Length / lanes;
        var left = MemoryMarshal.Cast<float, Vector<float>>(products)[..vectors];
        var right = MemoryMarshal.Cast<float, Vector<float>>(offsets)[..vectors];
        var least = new Vector<float>(heap[0]);
        var i = 0;
        for (; i + 3 < left.Length && i + 3 < right.Length; i += 4)
        {
            var first = Vector.Max(left[i] + right[i], left[i + 1] + right[i + 1]);
            var second = Vector.Max(left[i + 2] + right[i + 2], left[i + 3] + right[i + 3]);
            if (!Vector.GreaterThanAny(Vector.Max(first, second), least))
                continue;
            Insert(products.Slice(i * lanes, 4 * lanes), offsets.Slice(i * lanes, 4 * lanes), heap);
            least = new Vector<float>(heap[0]);
        }

        Insert(products[(i * lanes)..], offsets[(i * lanes)..], heap);
    }

    private static void Insert(ReadOnlySpan<float> products, ReadOnlySpan<float> offsets, Span<float> heap)
    {
        for (var i = 0; i < products.Length; i++)
        {
            var value = products[i] + offsets[i];
            if (value > heap[0])
                ReplaceLeast(heap, value);
        }
    }

    private static void ReplaceLeast(Span<float> heap, float value)
    {
        var at = 0;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= heap.Length)
                break;
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= value)
                break;
            heap[at] = heap[child];
            at = child;
        }

        heap[at] = value;
    }

    // A contiguous CPU tensor's rows, for threads: a span itself cannot cross into them. The tensor's scope is open for as long.
    private readonly unsafe struct Rows<T>(Tensor tensor, int width)
        where T : unmanaged
    {
        private readonly T* _data = (T*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.AsSpan<T>()));
        private readonly int _width = width;

        public ReadOnlySpan<T> this[int row] => new(_data + ((long)row * _width), _width);
    }
}
