using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Readers;
using Sio.Data.Shards;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// Image sets of one's own, by path: an <c>.npz</c> or a folder with <c>images.npy</c>; a folder of IDX files under MNIST's names; a folder with a folder of image files per class; and, where no
/// labels are needed, any folder of such files; tar shards (<c>train-{000..146}.tar</c>, one archive, or a folder of them), not compressed.
/// </summary>
internal static class PathImages
{
    /// <summary>Whether there is something at a path.</summary>
    internal static bool Exists(string path) => Path.Exists(path) || ShardSet.AreAt(path);

    /// <summary>Loads one.</summary>
    /// <exception cref="DataException">There is nothing at that path, or nothing that can be read, or it is damaged.</exception>
    internal static ImageSet Load(string path, SetRequest request, bool labelled)
    {
        var set = ShardSet.AreAt(path) ? OpenShards(path, request, labelled)
            : LoadFiles(path, request, labelled);
        return request.Part switch
        {
            ClassPart.Known => set.KeepClasses(request.Wanted(set.ClassCount)),
            ClassPart.HeldOut => set.HoldOutClasses(request.Wanted(set.ClassCount)),
            _ => set,
        };
    }

    /// <summary>Loads what is no archive: of a folder with pictures and an archive these pictures.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    internal static ImageSet LoadFiles(string path, SetRequest request, bool labelled = false) =>
        TryReadPixels(path, request, labelled) is not { } pixels ? OpenPictures(path, request, labelled)
        : request.Preparation is { } preparation ? ResizedSets.Bring(pixels, preparation, tell: request.Tell)
        : pixels;

    private static ImageSet OpenShards(string path, SetRequest request, bool labelled)
    {
        var set = ImageSets.Open(ShardSet.Expand(path), request.Name, request.Preparation, tell: request.Tell, cancellation: request.Cancellation);
        if (labelled && set.ClassCount == 0)
            throw new DataException($"{path}: its samples have no labels, a .cls or .json file beside each image was expected");
        return labelled || set.ClassCount == 0 ? set : set.AsOutOfDistribution();
    }

    // Picture files are prepared as they are decoded, and not once more.
    private static ImageSet OpenPictures(string path, SetRequest request, bool labelled)
    {
        if (!Directory.EnumerateFileSystemEntries(path).Any())
            throw new DataException($"{path}: is empty; an .npz, a folder with images.npy, or a folder of {ImageEndings.Text} files was expected");
        return ImageSets.Open(labelled ? ImageListing.FromClassFolders(path, cancellation: request.Cancellation) : ImageListing.FromFolder(path, request.Cancellation), request.Name, request.Preparation, request.Cache, tell: request.Tell, cancellation: request.Cancellation);
    }

    // What is no folder of picture files.
    private static ImageSet? TryReadPixels(string path, SetRequest request, bool labelled)
    {
        if (File.Exists(Path.Combine(path, "images.npy")) || !Directory.Exists(path))
            return labelled ? SyntheticSet.Load(path).Renamed(request.Name) : SyntheticSet.LoadOutOfDistribution(path, request.Name);
        if (IdxFolder.Has(path))
        {
            return labelled
                ? throw new DataException($"{path}: holds IDX files, whose labels are read for sets that the program knows alone: an .npz, a folder with images.npy and labels.npy or a folder per class was expected")
                : IdxFolder.LoadImages(path, request.Name);
        }

        return null;
    }
}
