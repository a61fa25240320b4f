using Sio.Data;

namespace Sio.Generation;

/// <summary>The images that a generator makes, and the classes they belong to.</summary>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">In pixels: a multiple of 4, from 8 to 256.</param>
/// <param name="Width">In pixels, under the same rule.</param>
/// <param name="Classes">At least 1.</param>
public sealed record GeneratorShape(int Channels, int Height, int Width, int Classes)
{
    /// <summary>The smallest side of an image, and what every side is a multiple of.</summary>
    private const int MinSide = 8, MaxSide = 256, SideStep = 4;

    /// <summary>The shape of a set's images; refuses sets that no generator could be trained on.</summary>
    /// <param name="images">The training images.</param>
    /// <exception cref="DataException">
    /// The images' size or channels are none that generators make; an image has no label; or a class has fewer than two images, which would be learnt by heart.
    /// </exception>
    public static GeneratorShape Of(ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Channels is not (1 or 3))
            throw new DataException($"{images.Name}: images of {images.Channels} channels, generators make images of 1 or 3");
        foreach (var side in new[] { images.Height, images.Width })
        {
            if (side % SideStep != 0 || side is < MinSide or > MaxSide)
                throw new DataException($"{images.Name}: images of {images.Height}×{images.Width}, generators make images whose sides are multiples of {SideStep} from {MinSide} to {MaxSide}");
        }

        var unlabelled = Array.FindIndex(images.Labels, label => label < 0);
        if (unlabelled >= 0)
            throw new DataException($"{images.Name}: image {unlabelled} has no label, to train a generator every image needs its class");
        var counts = images.CountPerClass();
        if (counts.Length == 0)
            throw new DataException($"{images.Name}: has no classes, a generator needs at least one");
        for (var label = 0; label < counts.Length; label++)
        {
            if (counts[label] < 2)
                throw new DataException($"{images.Name}: class {Named(images, label)} has {counts[label]} of {images.Count} images, to train a generator each class needs at least 2");
        }

        return new GeneratorShape(images.Channels, images.Height, images.Width, counts.Length);
    }

    /// <summary>How often both sides can be halved until one is odd or 4: the stages of a network that goes down to small maps. 28 → 2, 32 → 3, 64 → 4.</summary>
    internal int Halvings
    {
        get
        {
            var (height, width, times) = (Height, Width, 0);
            while (height % 2 == 0 && width % 2 == 0 && Math.Min(height, width) > SideStep)
                (height, width, times) = (height / 2, width / 2, times + 1);
            return times;
        }
    }

    private static string Named(ImageSet images, int label) => images.ClassNames is { } names ? $"{label} ({names[label]})" : ImageSet.Text($"{label}");
}
