namespace Sio.Data.Transforms;

/// <summary>Loads the pictures that PixMix mixes in.</summary>
public static class MixingSet
{
    /// <summary>Loads a mixing set and makes sure that its pictures can be mixed with a set's images.</summary>
    /// <param name="path">
    /// An <c>.npz</c> with the array <c>images</c>, a folder with <c>images.npy</c>, a folder with IDX files under MNIST's names, or a folder with image files, in folders of their own or not,
    /// which are shrunk to an eighth more than the images' size. Labels are not read.
    /// </param>
    /// <param name="real">The images that they are to be mixed with.</param>
    /// <exception cref="DataException">
    /// There is no such file or folder, it holds no pictures or is damaged, or its pictures have other channels than the images or are smaller.
    /// </exception>
    public static ImageSet Load(string path, ImageSet real)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(real);
        const string name = "mixing set";
        const string expected = "an .npz, a folder with images.npy, image files, or one with IDX files under MNIST's names was expected";
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
            throw new DataException($"the mixing set '{path}' does not exist: {expected}");
        var pictures = !isFolder || File.Exists(Path.Combine(path, "images.npy")) ? SyntheticSet.LoadOutOfDistribution(path, name)
            : IdxFolder.Has(path) ? IdxFolder.LoadImages(path, name)
            : PictureFolder.Has(path) ? PictureFolder.Load(path, name, new ImageSize(real.Channels, Larger(real.Height), Larger(real.Width)))
            : throw new DataException($"the mixing set '{path}' is a folder without pictures: {expected}");
        if (pictures.Count == 0)
            throw new DataException($"the mixing set '{path}' holds no pictures");
        if (pictures.Channels != real.Channels || pictures.Height < real.Height || pictures.Width < real.Width)
        {
            throw new DataException(
                $"the mixing set '{path}' has pictures of {pictures.Channels}×{pictures.Height}×{pictures.Width} (channels×height×width), {real.Channels} channels and at least {real.Height}×{real.Width} were expected, as in '{real.Name}'");
        }

        return pictures;
    }

    /// <summary>A side from which pieces of the images' size can be cut at many places: 36 for 32, as the authors have it.</summary>
    internal static int Larger(int side) => side + (side / 8);
}
