namespace Sio.Data;

/// <summary>Which images make up one batch: the real ones first, then the synthetic ones.</summary>
public sealed class Batch
{
    /// <summary>Makes a batch by hand; usually <see cref="TwoSourceSampler"/> does.</summary>
    /// <param name="real">Indices into the real set; not to be changed afterwards.</param>
    /// <param name="synthetic">Indices into the synthetic set; not to be changed afterwards.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="index">The batch's place in the epoch, from 0.</param>
    /// <param name="step">The batch's place in the whole training, from 0; augmentation draws by it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public Batch(int[] real, int[] synthetic, int epoch = 0, int index = 0, long step = 0)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(synthetic);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        (Real, Synthetic, Epoch, Index, Step) = (real, synthetic, epoch, index, step);
    }

    /// <summary>Indices into the real set.</summary>
    public int[] Real { get; }

    /// <summary>Indices into the synthetic set.</summary>
    public int[] Synthetic { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The batch's place in the epoch, from 0.</summary>
    public int Index { get; }

    /// <summary>The batch's place in the whole training, from 0: epoch × batches per epoch + index.</summary>
    public long Step { get; }

    /// <summary>The number of images; 0 is possible with <see cref="SamplingOrder.Paper"/>, and there is nothing to train on then.</summary>
    public int Count => Real.Length + Synthetic.Length;

    /// <summary>Writes the labels of the images in the batch's order.</summary>
    /// <param name="real">The real set.</param>
    /// <param name="synthetic">The synthetic set; null if the batch has no synthetic images.</param>
    /// <param name="labels">Room for <see cref="Count"/> labels; more is left as it is.</param>
    /// <exception cref="ArgumentException">There is too little room, or an index is not in its set.</exception>
    public void CopyLabels(ImageSet real, ImageSet? synthetic, Span<long> labels)
    {
        ArgumentNullException.ThrowIfNull(real);
        if (labels.Length < Count)
            throw new ArgumentException(ImageSet.Text($"Room for {labels.Length} labels, the batch has {Count}."), nameof(labels));
        CheckIndices(real, synthetic);
        for (var i = 0; i < Real.Length; i++)
            labels[i] = real.Labels[Real[i]];
        for (var i = 0; i < Synthetic.Length; i++)
            labels[Real.Length + i] = synthetic!.Labels[Synthetic[i]];
    }

    /// <summary>Makes sure that every index is in its set.</summary>
    internal void CheckIndices(ImageSet real, ImageSet? synthetic)
    {
        if (synthetic is null && Synthetic.Length > 0)
            throw new ArgumentException(ImageSet.Text($"The batch has {Synthetic.Length} synthetic images, but no synthetic set was given."), nameof(synthetic));
        Check(Real, real);
        if (synthetic is not null)
            Check(Synthetic, synthetic);

        static void Check(int[] indices, ImageSet set)
        {
            foreach (var i in indices)
            {
                if ((uint)i >= (uint)set.Count)
                    throw new ArgumentException(ImageSet.Text($"Image {i} is not in '{set.Name}', which has {set.Count}."));
            }
        }
    }
}
