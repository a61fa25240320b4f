namespace Sio.Data.Images;

/// <summary>Between pictures, whose channels lie beside each other, and images of sets, channel after channel.</summary>
internal static class Planes
{
    /// <summary>Writes a picture channel by channel.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="to">Room for all its values.</param>
    internal static void Write(Picture picture, Span<byte> to)
    {
        var from = picture.Pixels;
        if (picture.Channels == 1)
        {
            from.CopyTo(to);
            return;
        }

        var plane = from.Length / 3;
        for (var (i, j) = (0, 0); i < plane; i++, j += 3)
            (to[i], to[plane + i], to[(2 * plane) + i]) = (from[j], from[j + 1], from[j + 2]);
    }

    /// <summary>A part of an image as a picture.</summary>
    /// <param name="image">C×H×W values.</param>
    /// <param name="size">The image's size; 1 or 3 channels.</param>
    /// <param name="box">The part, within the image.</param>
    /// <exception cref="ArgumentException">There are other numbers of channels.</exception>
    internal static Picture ToPicture(ReadOnlySpan<byte> image, ImageSize size, CropBox box)
    {
        if (size.Channels is not (1 or 3))
            throw new ArgumentException(ImageSet.Text($"Images of {size.Channels} channels cannot be resized, 1 or 3 can."), nameof(size));
        var pixels = GC.AllocateUninitializedArray<byte>(box.Width * box.Height * size.Channels);
        for (var c = 0; c < size.Channels; c++)
        {
            for (var y = 0; y < box.Height; y++)
            {
                var row = image.Slice((((c * size.Height) + box.Top + y) * size.Width) + box.Left, box.Width);
                var to = (y * box.Width * size.Channels) + c;
                foreach (var value in row)
                {
                    pixels[to] = value;
                    to += size.Channels;
                }
            }
        }

        return new Picture(box.Width, box.Height, size.Channels, pixels);
    }
}
