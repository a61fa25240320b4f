namespace Sio.Data;

/// <summary>Auxiliary (outlier) images that go beside the batches of a training: every image equally often, in a fresh order each time round.</summary>
public sealed class AuxiliaryImages
{
    private const string Use = "auxiliary";

    private readonly TwoSourceSampler _sampler;
    private readonly BatchAugmentation _augmentation;

    /// <summary>Takes the images.</summary>
    /// <param name="images">The images; labels are not looked at.</param>
    /// <param name="perBatch">Images per batch, at least 1.</param>
    /// <param name="augmentation">That of the batch; the draws are others.</param>
    /// <exception cref="DataException">There are no images.</exception>
    public AuxiliaryImages(ImageSet images, int perBatch, BatchAugmentation augmentation)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentOutOfRangeException.ThrowIfLessThan(perBatch, 1);
        if (images.Count == 0)
            throw new DataException($"the auxiliary set '{images.Name}' holds no images");
        var seed = unchecked((long)RandomStream.Key(augmentation.Seed, Use));
        Images = images;
        PerBatch = perBatch;
        _sampler = new TwoSourceSampler(images.Count, 0, perBatch, 1, seed, SamplingOrder.Continuous);
        _augmentation = augmentation.WithSeed(seed);
    }

    /// <summary>The images.</summary>
    public ImageSet Images { get; }

    /// <summary>Images per batch.</summary>
    public int PerBatch { get; }

    /// <summary>The images of a step.</summary>
    public Batch GetBatch(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _sampler.GetBatch((int)(step / _sampler.BatchesPerEpoch), (int)(step % _sampler.BatchesPerEpoch));
    }

    /// <summary>Fills the network's input with the images of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="destination">Room for <see cref="PerBatch"/> × C × H × W values.</param>
    public void Fill(long step, Span<float> destination) => _augmentation.Fill(GetBatch(step), Images, null, destination);
}
