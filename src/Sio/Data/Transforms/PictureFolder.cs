using Sio.Data.Images;

namespace Sio.Data.Transforms;

/// <summary>Image files of any size in a folder and the folders in it, made images of one size.</summary>
internal static class PictureFolder
{
    /// <summary>Whether there is an image file.</summary>
    internal static bool Has(string folder) => Directory.Exists(folder) && new ImageWalk(folder).Any();

    /// <summary>
    /// Loads all of them, in the order of their paths: the largest piece from the middle that has the sides' ratio is shrunk by taking means over areas. Colour becomes grey by ITU-R 601-2's
    /// luma, grey becomes colour with three equal channels.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="size">The size wanted, of 1 or 3 channels.</param>
    /// <returns>The pictures, labelled out-of-distribution.</returns>
    /// <exception cref="DataException">A file is damaged or of a format that is not read, a picture is smaller than wanted, or there are too many for one set.</exception>
    internal static ImageSet Load(string folder, string name, ImageSize size)
    {
        string[] files = [.. ImageListing.FromFolder(folder).Images.Select(image => Path.Combine(folder, image.Path))];
        if (files.Length * (long)size.Length > Array.MaxLength)
            throw new DataException(ImageSet.Text($"{folder}: {files.Length} pictures of {size.Channels}×{size.Height}×{size.Width} are too many for one set."));
        var pixels = new byte[files.Length * size.Length];
        for (var i = 0; i < files.Length; i++)
        {
            var picture = ImageFile.Read(files[i]);
            if (picture.Height < size.Height || picture.Width < size.Width)
                throw new DataException(ImageSet.Text($"{files[i]}: is of {picture.Height}×{picture.Width} (height×width), at least {size.Height}×{size.Width} was expected."));
            Shrink(picture, pixels.AsSpan(i * size.Length, size.Length), size);
        }

        return new ImageSet(name, pixels, Enumerable.Repeat(ImageSet.OodLabel, files.Length).ToArray(), size.Channels, size.Height, size.Width, 0);
    }

    private static void Shrink(Picture picture, Span<byte> image, ImageSize size)
    {
        var scale = Math.Min(picture.Height / (double)size.Height, picture.Width / (double)size.Width);
        double top = (picture.Height - (scale * size.Height)) / 2, left = (picture.Width - (scale * size.Width)) / 2;
        var sums = new double[picture.Channels];
        for (var y = 0; y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++)
            {
                Mean(picture, top + (y * scale), left + (x * scale), scale, sums);
                for (var c = 0; c < size.Channels; c++)
                    image[(((c * size.Height) + y) * size.Width) + x] = (byte)Math.Clamp(Math.Round(Channel(sums, c, size.Channels)), 0, 255);
            }
        }
    }

    // Over a square; pixels that it covers in part count in part.
    private static void Mean(Picture picture, double top, double left, double side, double[] sums)
    {
        Array.Clear(sums);
        var total = 0.0;
        for (var row = (int)top; row < picture.Height && row < top + side; row++)
        {
            var high = Math.Min(row + 1, top + side) - Math.Max(row, top);
            for (var column = (int)left; column < picture.Width && column < left + side; column++)
            {
                var weight = high * (Math.Min(column + 1, left + side) - Math.Max(column, left));
                total += weight;
                for (var c = 0; c < sums.Length; c++)
                    sums[c] += weight * picture.Pixels[(((row * picture.Width) + column) * sums.Length) + c];
            }
        }

        foreach (ref var sum in sums.AsSpan())
            sum /= total;
    }

    private static double Channel(double[] values, int channel, int channels) =>
        values.Length == channels ? values[channel] : values.Length == 1 ? values[0] : (0.299 * values[0]) + (0.587 * values[1]) + (0.114 * values[2]);
}
