namespace Sio.Data;

/// <summary>
/// Chooses the real and synthetic images of each batch (Zhang et al. 2023, "SIO: Synthetic In-Distribution data benefits
/// Out-of-Distribution detection", arXiv 2303.14531). A batch of B holds ⌊B·r⌋ real images and synthetic ones for the
/// rest; an epoch has ⌈N_real/B⌉ batches whatever the ratio, so that training costs the same with and without synthetic
/// images.
/// </summary>
/// <remarks>
/// Every batch is a function of the seed, the epoch and its place in the epoch: training that was cut can go on from any
/// batch without walking there. An instance can be used by several threads.
/// </remarks>
public sealed class TwoSourceSampler
{
    private readonly PermutationCache _real;
    private readonly PermutationCache _synthetic;

    // With a schedule: real images per batch of each epoch, and their sum over the epochs before it.
    private readonly int[] _realPerEpoch = [];
    private readonly long[] _realBefore = [0];

    /// <summary>Makes a sampler.</summary>
    /// <param name="realCount">
    /// The number of real images, ≥ 1: they make the length of an epoch. (To train on synthetic images alone, give them as the
    /// real ones, or set the ratio to 0.)
    /// </param>
    /// <param name="syntheticCount">
    /// The number of synthetic images, ≥ 0. With <see cref="SamplingOrder.Paper"/> they may be fewer than asked for, even
    /// none, and batches get smaller as in SIO's own code; <see cref="SamplingOrder.Continuous"/> needs at least one if any
    /// are to be drawn.
    /// </param>
    /// <param name="batchSize">B ≥ 1.</param>
    /// <param name="realRatio">
    /// r in [0, 1]. The number of real images per batch is the product B·r in double arithmetic, truncated: 28 for 100
    /// and 0.29. 1 draws no synthetic image, 0 no real one.
    /// </param>
    /// <param name="seed">The same seed always gives the same batches.</param>
    /// <param name="order">How the images are walked through.</param>
    /// <param name="schedule">A ratio that changes from epoch to epoch and begins with <paramref name="realRatio"/>; null for the same in all. The number of batches does not change.</param>
    /// <exception cref="ArgumentException">A count, the batch size or the ratio is out of range, or no image could ever be drawn from a source that is needed.</exception>
    public TwoSourceSampler(
        int realCount,
        int syntheticCount,
        int batchSize,
        double realRatio,
        long seed,
        SamplingOrder order = SamplingOrder.Paper,
        RatioSchedule? schedule = null)
    {
        if (realCount < 1)
            throw new ArgumentOutOfRangeException(nameof(realCount), realCount, "At least one real image is needed: the number of real images makes the length of an epoch.");
        if (syntheticCount < 0)
            throw new ArgumentOutOfRangeException(nameof(syntheticCount), syntheticCount, "The number of synthetic images cannot be negative.");
        if (batchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be at least 1.");
        if (!(realRatio >= 0 && realRatio <= 1))
            throw new ArgumentOutOfRangeException(nameof(realRatio), realRatio, "The real ratio must be from 0 to 1.");
        if (!Enum.IsDefined(order))
            throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be Paper or Continuous.");
        if (schedule is not null && schedule.First != realRatio)
            throw new ArgumentException(ImageSet.Text($"The schedule begins with a real ratio of {schedule.First}, and the ratio is {realRatio}."), nameof(schedule));

        RealCount = realCount;
        SyntheticCount = syntheticCount;
        BatchSize = batchSize;
        RealRatio = realRatio;
        Seed = seed;
        Order = order;
        RealPerBatch = (int)(batchSize * realRatio);
        SyntheticPerBatch = batchSize - RealPerBatch;
        BatchesPerEpoch = (int)(((long)realCount + batchSize - 1) / batchSize);
        if (schedule is not null)
        {
            _realPerEpoch = [.. Enumerable.Range(0, schedule.Epochs).Select(epoch => (int)(batchSize * schedule.At(epoch)))];
            _realBefore = new long[schedule.Epochs + 1];
            for (var epoch = 0; epoch < schedule.Epochs; epoch++)
                _realBefore[epoch + 1] = _realBefore[epoch] + _realPerEpoch[epoch];
        }

        var leastReal = _realPerEpoch.Length == 0 ? RealPerBatch : _realPerEpoch.Min();
        DrawsSynthetic = leastReal < batchSize;
        if (syntheticCount == 0 && DrawsSynthetic && (order == SamplingOrder.Continuous || leastReal == 0))
        {
            throw new ArgumentException(
                ImageSet.Text($"A real ratio of {(schedule is null ? realRatio : Math.Min(schedule.First, schedule.Last))} asks for {batchSize - leastReal} synthetic images in each batch of {batchSize}, but there are none; give a synthetic set or a real ratio of 1."),
                nameof(syntheticCount));
        }

        _real = new PermutationCache(seed, "sampler/real", realCount);
        _synthetic = new PermutationCache(seed, "sampler/synthetic", syntheticCount);
    }

    /// <summary>The number of real images.</summary>
    public int RealCount { get; }

    /// <summary>The number of synthetic images.</summary>
    public int SyntheticCount { get; }

    /// <summary>Images per full batch, B.</summary>
    public int BatchSize { get; }

    /// <summary>The share of real images asked for, r.</summary>
    public double RealRatio { get; }

    /// <summary>The seed.</summary>
    public long Seed { get; }

    /// <summary>How the images are walked through.</summary>
    public SamplingOrder Order { get; }

    /// <summary>Whether any epoch asks for synthetic images.</summary>
    public bool DrawsSynthetic { get; }

    /// <summary>Real images per full batch, ⌊B·r⌋; of the first epoch where the ratio changes.</summary>
    public int RealPerBatch { get; }

    /// <summary>Synthetic images per full batch, B − ⌊B·r⌋; of the first epoch where the ratio changes.</summary>
    public int SyntheticPerBatch { get; }

    /// <summary>The share of real images that a full batch really has: r' = ⌊B·r⌋/B, 102/128 for 0.8 of 128.</summary>
    public double EffectiveRealRatio => (double)RealPerBatch / BatchSize;

    /// <summary>Batches per epoch, ⌈N_real/B⌉.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>Real images per full batch of an epoch; with a schedule they change.</summary>
    /// <param name="epoch">From 0; epochs beyond a schedule's last are like that one.</param>
    public int RealPerBatchIn(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return _realPerEpoch.Length == 0 ? RealPerBatch : _realPerEpoch[Math.Min(epoch, _realPerEpoch.Length - 1)];
    }

    /// <summary>How many images a batch has, without choosing them.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="index">The batch's place in the epoch.</param>
    public int CountOf(int epoch, int index)
    {
        var real = RealPerBatchIn(epoch);
        return Order == SamplingOrder.Continuous ? BatchSize : Left(RealCount, real, index) + Left(SyntheticCount, BatchSize - real, index);
    }

    /// <summary>The batches of an epoch in order.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="startBatch">The first batch to give, from 0 to <see cref="BatchesPerEpoch"/> (which gives none).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such epoch or batch.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int startBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(startBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startBatch, BatchesPerEpoch);
        return Walk();

        // An iterator of its own, so that wrong arguments are reported at the call and not at the first batch.
        IEnumerable<Batch> Walk()
        {
            for (var index = startBatch; index < BatchesPerEpoch; index++)
                yield return GetBatch(epoch, index);
        }
    }

    /// <summary>One batch, computed without those before it.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="index">The batch's place in the epoch, 0 to <see cref="BatchesPerEpoch"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such epoch or batch.</exception>
    public Batch GetBatch(int epoch, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, BatchesPerEpoch);
        var step = ((long)epoch * BatchesPerEpoch) + index;
        var realPerBatch = RealPerBatchIn(epoch);
        var syntheticPerBatch = BatchSize - realPerBatch;
        if (Order == SamplingOrder.Paper)
            return new Batch(Slice(_real, RealCount, realPerBatch, epoch, index), Slice(_synthetic, SyntheticCount, syntheticPerBatch, epoch, index), epoch, index, step);

        // What all batches before this one have taken of each source.
        var realTaken = (RealBefore(epoch) * BatchesPerEpoch) + ((long)index * realPerBatch);
        var syntheticTaken = (step * BatchSize) - realTaken;
        return new Batch(WalkOn(_real, RealCount, realPerBatch, realTaken), WalkOn(_synthetic, SyntheticCount, syntheticPerBatch, syntheticTaken), epoch, index, step);
    }

    /// <summary>The sum of <see cref="RealPerBatchIn"/> over the epochs before one.</summary>
    private long RealBefore(int epoch)
    {
        var scheduled = Math.Min(epoch, _realPerEpoch.Length);
        return _realBefore[scheduled] + ((long)(epoch - scheduled) * RealPerBatchIn(epoch));
    }

    /// <summary>How many images a batch of the paper's order still gets of a source.</summary>
    private static int Left(int count, int perBatch, int index) => (int)Math.Clamp(count - ((long)index * perBatch), 0, perBatch);

    /// <summary>Paper order: the epoch's own permutation from its beginning, cut off at its end.</summary>
    private static int[] Slice(PermutationCache permutations, int count, int perBatch, int epoch, int index)
    {
        var start = Math.Min((long)index * perBatch, count);
        var length = Left(count, perBatch, index);
        return length == 0 ? [] : permutations.Get(epoch).AsSpan((int)start, length).ToArray();
    }

    /// <summary>Continuous order: permutation 0, 1, 2, … laid end to end, read on without a break.</summary>
    private static int[] WalkOn(PermutationCache permutations, int count, int perBatch, long position)
    {
        var batch = new int[perBatch];
        for (var filled = 0; filled < perBatch;)
        {
            var start = (int)(position % count);
            var length = Math.Min(perBatch - filled, count - start);
            permutations.Get(position / count).AsSpan(start, length).CopyTo(batch.AsSpan(filled));
            filled += length;
            position += length;
        }

        return batch;
    }
}
