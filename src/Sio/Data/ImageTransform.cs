namespace Sio.Data;

/// <summary>Something done to single images in training, after crop and flip and before normalisation, on the loader's thread, or on several at once where images are read from files: it keeps nothing that a call changes.</summary>
public abstract class ImageTransform
{
    /// <summary>Hash of the images that it mixes in, which shape a training beside its settings; null where there are none. A run goes on only with the same ones.</summary>
    public virtual string? ContentHash => null;

    /// <summary>Transforms an image.</summary>
    /// <param name="image">Channels × height × width bytes, cropped and flipped.</param>
    /// <param name="result">As many values, in 0…1 (a byte's value / 255), all of which are to be written.</param>
    /// <param name="size">The image's size.</param>
    /// <param name="random">Seeded by the run, the step, the view and the image's place in the batch.</param>
    public abstract void Apply(ReadOnlySpan<byte> image, Span<float> result, ImageSize size, RandomStream random);
}

/// <summary>Size of an image.</summary>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
public readonly record struct ImageSize(int Channels, int Height, int Width)
{
    /// <summary>Channels × height × width.</summary>
    public int Length => Channels * Height * Width;
}
