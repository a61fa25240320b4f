using Sio.Data;

namespace Sio.Evaluation;

/// <summary>
/// The bootstrap for OOD metrics (Efron 1979): images are drawn with replacement, from the ID set and from each OOD set on its
/// own, as many as the set has; the sets' sizes, which are chosen and not measured, do not vary. Several OOD sets share one draw of the ID set, as
/// they share the set; several detectors share every draw, so that their differences are paired by image.
/// </summary>
/// <remarks>
/// Replicate k draws from its own stream, so that results depend on the seed alone, not on threads. The scores are sorted once; a replicate
/// costs time linear in the number of images.
/// </remarks>
public sealed class StratifiedBootstrap
{
    /// <summary>The default number of replicates; with one more, the ends of a 95 % interval have whole ranks.</summary>
    public const int DefaultReplicates = 1999;

    /// <summary>Sets up the resampling.</summary>
    /// <param name="replicates">At least 2; 1,000 and more for intervals.</param>
    /// <param name="seed">Any number; the same seed draws the same images.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two replicates.</exception>
    public StratifiedBootstrap(int replicates = DefaultReplicates, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        Replicates = replicates;
        Seed = seed;
    }

    /// <summary>Number of replicates.</summary>
    public int Replicates { get; }

    /// <summary>The seed.</summary>
    public long Seed { get; }

    /// <summary>The metrics of one detector: each one's mean over the OOD sets.</summary>
    /// <param name="scores">The detector's scores.</param>
    /// <param name="cancellation">Stops between replicates.</param>
    /// <inheritdoc cref="Compute(IReadOnlyList{ScoredSets}, CancellationToken)" path="/exception"/>
    public BootstrapResult Compute(ScoredSets scores, CancellationToken cancellation = default) => Compute([scores], cancellation)[0];

    /// <summary>The metrics of several detectors on the same images, every replicate with the same draw for all.</summary>
    /// <param name="detectors">Scores of the same images in the same order, at least one detector.</param>
    /// <param name="cancellation">Stops between replicates.</param>
    /// <returns>One result per detector, in the same order.</returns>
    /// <exception cref="ArgumentException">A set is empty or holds NaN, or detectors differ in their sets' sizes.</exception>
    public IReadOnlyList<BootstrapResult> Compute(IReadOnlyList<ScoredSets> detectors, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detectors);
        if (detectors.Count == 0)
            return [];

        var values = detectors.Select(detector => detector.MeanMetrics()).ToArray();
        int[] sizes = Sizes(detectors[0]);
        if (!detectors.All(detector => Sizes(detector).AsSpan().SequenceEqual(sizes)))
            throw new ArgumentException("The detectors have scored sets of different sizes; they must be the same images.", nameof(detectors));

        var blocks = detectors.Select(detector => detector.Ood.Select(ood => new ScoreBlocks(detector.Id, ood)).ToArray()).ToArray();
        var results = detectors.Select(_ => new OodMetrics[Replicates]).ToArray();
        var options = new ParallelOptions { CancellationToken = cancellation };
        Parallel.For(0, Replicates, options, () => new Room(sizes, blocks), (replicate, _, room) =>
        {
            room.Draw(RandomStream.For(Seed, "bootstrap", replicate));
            for (var detector = 0; detector < blocks.Length; detector++)
                results[detector][replicate] = room.Mean(blocks[detector]);
            return room;
        }, _ => { });
        return [.. values.Zip(results, (value, replicates) => new BootstrapResult(value, replicates))];
    }

    // The ID set first.
    private static int[] Sizes(ScoredSets scores) => [scores.Id.Length, .. scores.Ood.Select(ood => ood.Length)];

    /// <summary>One thread's memory.</summary>
    private sealed class Room(int[] sizes, ScoreBlocks[][] blocks)
    {
        private readonly int[][] _drawn = Array.ConvertAll(sizes, size => new int[size]);
        private readonly int[] _counts = new int[2 * blocks.Max(sets => sets.Max(set => set.Count))];

        public void Draw(RandomStream random)
        {
            foreach (var drawn in _drawn)
            {
                Array.Clear(drawn);
                for (var i = 0; i < drawn.Length; i++)
                    drawn[random.NextInt(drawn.Length)]++;
            }
        }

        public OodMetrics Mean(ScoreBlocks[] sets)
        {
            var sum = default(OodMetrics);
            for (var i = 0; i < sets.Length; i++)
                sum = ScoredSets.Combine(sum, sets[i].Metrics(_drawn[0], _drawn[i + 1], _counts), (a, b) => a + b);
            return ScoredSets.Combine(sum, sum, (total, _) => total / sets.Length);
        }
    }
}
