namespace Sio.Data.Images;

/// <summary>What is done to a decoded picture before it joins an image set: channels, then size, then the middle.</summary>
public sealed record ImagePreparation
{
    /// <summary>1 for grey, 3 for RGB: every picture is made one of them.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The length of the shorter side after resizing, in pixels, ≥ 1; null leaves the size as it is.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Width and height of the part that is cut from the middle after that, in pixels, ≥ 1; null keeps all.</summary>
    public int? Crop { get; init; }

    /// <summary>How pictures are resized.</summary>
    public Resampling Resampling { get; init; } = Resampling.Bilinear;

    /// <summary>What OpenOOD does to test images: the shorter side is resized, and a square cut from the middle.</summary>
    /// <param name="side">Width and height of the square: 32 for CIFAR, 224 for ImageNet.</param>
    /// <param name="shorterSide">The shorter side before that: 256 for ImageNet; null for <paramref name="side"/>, as for CIFAR.</param>
    public static ImagePreparation Square(int side, int? shorterSide = null) => new() { ShorterSide = shorterSide ?? side, Crop = side };

    /// <summary>Prepares a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">The settings are out of range, or the picture is so narrow that it would become larger than <see cref="ImageFile.MaxPixels"/>.</exception>
    public Picture Apply(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Apply(new StoredPicture(picture));
    }

    /// <inheritdoc cref="Apply(Picture)"/>
    internal Picture Apply(StoredPicture picture)
    {
        Check();
        var (width, height) = ShorterSide is { } side
            ? Cropping.WithShorterSide(picture.Width, picture.Height, side)
            : (picture.Width, picture.Height);
        if (Crop is { } crop && crop <= width && crop <= height)
            return Resampler.ResizePart(picture, Channels, width, height, Resampling, Cropping.Centre(width, height, crop, crop));
        var whole = Colours.WithChannels(picture.Whole(), Channels);
        if ((width, height) != (whole.Width, whole.Height))
            whole = Resampler.Resize(whole, width, height, Resampling);
        return Crop is { } larger ? Cropping.CropCentre(whole, larger, larger) : whole;
    }

    /// <summary>All settings on one line that is never worded otherwise: part of the key of <see cref="ImageSetCache"/>.</summary>
    internal string Text => ImageSet.Text($"channels {Channels}, shorter side {ShorterSide ?? 0}, crop {Crop ?? 0}, {(ShorterSide is null ? "-" : Resampling.ToString())}");

    /// <summary>Throws where a setting is out of range.</summary>
    internal void Check()
    {
        if (Channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(Channels), Channels, "1 or 3 channels are possible.");
        ArgumentOutOfRangeException.ThrowIfLessThan(ShorterSide ?? 1, 1, nameof(ShorterSide));
        ArgumentOutOfRangeException.ThrowIfLessThan(Crop ?? 1, 1, nameof(Crop));
        if (!Enum.IsDefined(Resampling))
            throw new ArgumentOutOfRangeException(nameof(Resampling), Resampling, "Not a way to resample.");
    }
}
