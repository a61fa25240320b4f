using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Data;

/// <summary>The images of a set as a network is measured with them: in their order, normalised, not augmented.</summary>
public static class EvaluationBatches
{
    /// <summary>Walks through a set. Images that are read from files are read a batch ahead of the one that is asked for; those in memory when they are asked for.</summary>
    /// <param name="set">The images.</param>
    /// <param name="normalization">That of training.</param>
    /// <param name="batchSize">Images per batch, ≥ 1; the last may have fewer.</param>
    /// <returns>Tensors [n,C,H,W] float32 on the CPU, to be disposed by who takes them.</returns>
    /// <exception cref="DataException">The file of an image is missing or cannot be read; thrown when its batch is asked for.</exception>
    public static IEnumerable<Tensor> Of(ImageSet set, Normalization normalization, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(normalization);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return set.IsStreamed ? Ahead(set, normalization, batchSize) : InMemory(set, normalization, batchSize);
    }

    private static IEnumerable<Tensor> InMemory(ImageSet set, Normalization normalization, int batchSize)
    {
        var transform = normalization.Evaluation();
        for (var start = 0; start < set.Count; start += batchSize)
            yield return Batch(set, transform, start, Math.Min(batchSize, set.Count - start));
    }

    private static Tensor Batch(ImageSet set, BatchAugmentation transform, int start, int count)
    {
        using var scope = NewDisposeScope();
        var images = torch.empty([count, set.Channels, set.Height, set.Width]);
        transform.FillPlain(set, start, count, images.AsSpan<float>());
        return scope.MoveToOuter(images);
    }

    private static IEnumerable<Tensor> Ahead(ImageSet set, Normalization normalization, int batchSize)
    {
        var batches = Enumerable.Range(0, (int)(((long)set.Count + batchSize - 1) / batchSize))
            .Select(index => new Batch([.. Enumerable.Range(index * batchSize, Math.Min(batchSize, set.Count - (index * batchSize)))], [], index: index, step: index));
        using var loader = new BatchLoader(set, null, normalization.Evaluation(), batches, ahead: 1);
        foreach (var loaded in loader.Batches())
        {
            loaded.Labels.Dispose();
            yield return loaded.Images;
        }
    }
}
