namespace Sio.Data.Images;

/// <summary>A part of a picture.</summary>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct CropBox(int Left, int Top, int Width, int Height);

/// <summary>Sizes and places of resized and cropped pictures, rounded as torchvision rounds them.</summary>
public static class Cropping
{
    /// <summary>Cuts a part out.</summary>
    /// <param name="picture">The picture; returned as it is where the part is all of it.</param>
    /// <param name="box">The part, within the picture, at least one pixel wide and high.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is empty or not within the picture.</exception>
    public static Picture Crop(Picture picture, CropBox box)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (box.Width < 1 || box.Height < 1 || box.Left < 0 || box.Top < 0 || box.Left > picture.Width - box.Width || box.Top > picture.Height - box.Height)
            throw new ArgumentOutOfRangeException(nameof(box), box, ImageSet.Text($"Not within a picture of {picture.Width}×{picture.Height}."));
        if ((box.Width, box.Height) == (picture.Width, picture.Height))
            return picture;
        return Window(picture, box);
    }

    /// <summary>Resizes so that the shorter side gets a length, and the longer one what keeps the proportions, rounded down.</summary>
    /// <param name="picture">The picture; returned as it is where its shorter side has that length.</param>
    /// <param name="side">The shorter side afterwards, ≥ 1.</param>
    /// <param name="resampling">How.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1, or the result would be larger than <see cref="ImageFile.MaxPixels"/>.</exception>
    public static Picture ResizeShorterSide(Picture picture, int side, Resampling resampling)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var (width, height) = WithShorterSide(picture.Width, picture.Height, side);
        return Resampler.Resize(picture, width, height, resampling);
    }

    /// <summary>The size that <see cref="ResizeShorterSide"/> gives.</summary>
    internal static (int Width, int Height) WithShorterSide(int width, int height, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var (shorter, longer) = (Math.Min(width, height), Math.Max(width, height));
        if (shorter == side)
            return (width, height);
        // As a whole number: torchvision divides doubles, which for sizes of pictures rounds down to the same.
        var other = (long)side * longer / shorter;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(other * side, ImageFile.MaxPixels, nameof(side));
        return width <= height ? (side, (int)other) : ((int)other, side);
    }

    /// <summary>Cuts out the middle. A picture that is smaller gets a black border first, the odd row or column of it at the bottom and right.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="width">Columns afterwards, ≥ 1.</param>
    /// <param name="height">Rows afterwards, ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the result would be larger than <see cref="ImageFile.MaxPixels"/>.</exception>
    public static Picture CropCentre(Picture picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, ImageFile.MaxPixels, nameof(width));
        if ((width, height) == (picture.Width, picture.Height))
            return picture;
        return Window(picture, Centre(picture.Width, picture.Height, width, height));
    }

    /// <summary>The part that <see cref="CropCentre"/> cuts out; it reaches beyond a picture that is smaller.</summary>
    internal static CropBox Centre(int width, int height, int wantedWidth, int wantedHeight)
    {
        return new CropBox(Start(width, wantedWidth), Start(height, wantedHeight), wantedWidth, wantedHeight);

        // Python rounds halves to the even number.
        static int Start(int has, int wants) => has >= wants ? (int)Math.Round((has - wants) / 2.0, MidpointRounding.ToEven) : -((wants - has) / 2);
    }

    /// <summary>A window that may reach beyond the picture, where it is black.</summary>
    private static Picture Window(Picture picture, CropBox box)
    {
        var channels = picture.Channels;
        var to = new byte[box.Width * box.Height * channels];
        var (left, right) = (Math.Max(0, box.Left), Math.Min(picture.Width, box.Left + box.Width));
        for (var y = Math.Max(0, box.Top); y < Math.Min(picture.Height, box.Top + box.Height); y++)
        {
            var from = picture.Pixels.AsSpan(((y * picture.Width) + left) * channels, (right - left) * channels);
            from.CopyTo(to.AsSpan((((y - box.Top) * box.Width) + left - box.Left) * channels));
        }

        return new Picture(box.Width, box.Height, channels, to);
    }
}
