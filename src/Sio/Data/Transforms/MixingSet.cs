namespace Sio.Data.Transforms;

/// <summary>Loads the pictures that PixMix mixes in.</summary>
public static class MixingSet
{
    /// <summary>Loads a mixing set and makes sure that its pictures can be mixed with a set's images.</summary>
    /// <param name="path">An <c>.npz</c> with the array <c>images</c>, a folder with <c>images.npy</c>, or a folder with IDX files under MNIST's names. Labels are not read.</param>
    /// <param name="real">The images that they are to be mixed with.</param>
    /// <exception cref="DataException">
    /// There is no such file or folder, it holds no pictures or is damaged, or its pictures have other channels than the images or are smaller.
    /// </exception>
    public static ImageSet Load(string path, ImageSet real)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(real);
        const string expected = "an .npz, a folder with images.npy, or one with IDX files under MNIST's names was expected";
        if (Directory.Exists(path) ? !IdxFolder.Has(path) && !File.Exists(Path.Combine(path, "images.npy")) : !File.Exists(path))
            throw new DataException($"the mixing set '{path}' {(Directory.Exists(path) ? "is a folder without pictures" : "does not exist")}: {expected}");
        var pictures = IdxFolder.Has(path) ? IdxFolder.LoadImages(path, "mixing set") : SyntheticSet.LoadOutOfDistribution(path, "mixing set");
        if (pictures.Count == 0)
            throw new DataException($"the mixing set '{path}' holds no pictures");
        if (pictures.Channels != real.Channels || pictures.Height < real.Height || pictures.Width < real.Width)
        {
            throw new DataException(
                $"the mixing set '{path}' has pictures of {pictures.Channels}×{pictures.Height}×{pictures.Width} (channels×height×width), {real.Channels} channels and at least {real.Height}×{real.Width} were expected, as in '{real.Name}'");
        }

        return pictures;
    }
}
