namespace Sio.Data.Images;

/// <summary>From the content of an image file to an image of a set.</summary>
internal static class PreparedImages
{
    /// <summary>Prepares a picture.</summary>
    /// <param name="picture">As it is stored.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <param name="preparation">What is done to it.</param>
    /// <exception cref="DataException">It is too narrow, or its file is damaged.</exception>
    internal static Picture Prepare(StoredPicture picture, string source, ImagePreparation preparation)
    {
        try
        {
            return preparation.Apply(picture);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new DataException($"{source}: is {picture.Width}×{picture.Height}, too narrow to be brought to a shorter side of {preparation.ShorterSide}.", e);
        }
    }

    /// <summary>The size that all images of a set come to.</summary>
    /// <param name="preparation">What is done to them.</param>
    /// <param name="first">Decodes the first of them: asked only where the preparation does not say.</param>
    /// <param name="source">Where that one is from, for messages.</param>
    /// <exception cref="DataException">The first image cannot be read.</exception>
    internal static ImageSize SizeOf(ImagePreparation preparation, Func<StoredPicture> first, string source)
    {
        if (preparation.Crop is { } side)
            return new ImageSize(preparation.Channels, side, side);
        var picture = Prepare(first(), source, preparation);
        return new ImageSize(picture.Channels, picture.Height, picture.Width);
    }

    /// <summary>Writes a picture, prepared as networks are measured with it.</summary>
    /// <param name="picture">As it is stored.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <param name="preparation">What is done to it.</param>
    /// <param name="size">The set's size.</param>
    /// <param name="destination">Exactly C×H×W bytes.</param>
    /// <exception cref="DataException">It is too narrow, comes to another size than the set's, or its file is damaged.</exception>
    internal static void Write(StoredPicture picture, string source, ImagePreparation preparation, ImageSize size, Span<byte> destination)
    {
        var prepared = Prepare(picture, source, preparation);
        if ((prepared.Width, prepared.Height) != (size.Width, size.Height))
            throw new DataException($"{source}: comes to {prepared.Width}×{prepared.Height}, but the first image to {size.Width}×{size.Height}; name a size that all are brought to.");
        Planes.Write(prepared, destination);
    }

    /// <summary>Writes a random part of a picture, brought to the set's size.</summary>
    /// <param name="picture">As it is stored.</param>
    /// <param name="preparation">Says how many channels there are, and how pictures are resized.</param>
    /// <param name="size">The set's size.</param>
    /// <param name="crop">Draws the part.</param>
    /// <param name="random">What it draws from.</param>
    /// <param name="destination">Exactly C×H×W bytes.</param>
    /// <exception cref="DataException">Its file is damaged.</exception>
    internal static void WriteCrop(StoredPicture picture, ImagePreparation preparation, ImageSize size, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        var box = crop.Draw(picture.Width, picture.Height, random);
        var part = Colours.WithChannels(picture.Part(box), preparation.Channels);
        Planes.Write(Resampler.Resize(part, size.Width, size.Height, preparation.Resampling), destination);
    }
}
