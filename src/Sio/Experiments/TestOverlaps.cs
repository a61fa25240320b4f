using Sio.Data;
using Sio.Evaluation.Benchmarks;

namespace Sio.Experiments;

/// <summary>
/// Whether a run trains on images that it is tested with. A network that has learnt to give the very images of an OOD set a flat softmax says nothing about outliers that it has not seen: this
/// is why SIO leaves Tiny ImageNet, from which auxiliary sets are taken, out of the near-OOD sets.
/// </summary>
internal static class TestOverlaps
{
    private const int Examples = 3;

    /// <summary>Finds shared images, and warns of them.</summary>
    /// <param name="data">The benchmark: auxiliary images and those that are mixed in are compared with all its test sets, those of the known classes with its OOD sets.</param>
    /// <param name="beside">What is trained on beside the real images.</param>
    /// <param name="refuse">Whether a shared image is an error.</param>
    /// <param name="observer">Is warned.</param>
    /// <exception cref="DataException">Images are shared, and that is to be refused.</exception>
    internal static IReadOnlyList<ImageOverlap> Report(BenchmarkData data, TrainedImages beside, bool refuse, RunObserver observer)
    {
        ImageSet[] ood = [.. data.Near, .. data.Far];
        ImageSet[] all = [data.Test, .. ood, .. data.ShiftedId];
        (string Kind, ImageSet? Images, ImageSet[] Tests)[] trained =
            [("training", data.Train, ood), ("synthetic", beside.Synthetic, ood), ("auxiliary", beside.Auxiliary, all), ("mixing", beside.Mixing?.Value, all)];
        foreach (var (kind, images, tests) in trained)
        {
            if (images is not null && tests.Where(test => !ImageOverlap.IsLookedFor(images, test)).Select(test => $"'{test.Name}'").ToArray() is { Length: > 0 } others)
                observer.Warn($"whether the {kind} images have images of {string.Join(", ", others)} among them was not looked for: the one is in memory, the other read from files");
        }

        ImageOverlap[] found = [.. trained.Where(entry => entry.Images is not null).SelectMany(entry => ImageOverlap.Find(entry.Kind, entry.Images!, entry.Tests))];
        foreach (var overlap in found)
        {
            var message = ImageSet.Text(
                $"{overlap.Count} of the {overlap.TestImages} images of the test set '{overlap.TestSet}' are among the {overlap.Images} images (the first is its image {overlap.First})");
            if (refuse)
                throw new DataException($"{message}: results on it would mean nothing; leave them out, or set objective.refuse_overlap: false");
            observer.Warn($"{message}: results on it say nothing about images that were not trained on");
        }

        return found;
    }

    /// <summary>
    /// Warns of images of the ID test set that are trained on: as real ones, where a split leaks, or as synthetic ones, where a generator
    /// gave back what it had seen. The accuracy becomes too good, and
    /// known images get the scores of learnt ones. Published sets share some images, so it is no error. Likewise of ID test images among the
    /// OOD sets.
    /// </summary>
    /// <param name="data">The benchmark.</param>
    /// <param name="synthetic">The synthetic images; null for none.</param>
    /// <param name="observer">Is warned.</param>
    internal static IReadOnlyList<ImageOverlap> ReportKnown(BenchmarkData data, ImageSet? synthetic, RunObserver observer)
    {
        var overlaps = new List<ImageOverlap>();
        foreach (var (kind, images) in new[] { ("training", data.Train), ("synthetic", synthetic) })
        {
            if (images is null)
                continue;
            if (!ImageOverlap.IsLookedFor(images, data.Test))
                observer.Warn($"whether the {kind} images have images of the ID test set '{data.Test.Name}' among them was not looked for: the one is in memory, the other read from files");
            foreach (var (overlap, shared) in ImageOverlap.FindAll(kind, images, [data.Test]))
            {
                var places = shared.Take(Examples).Select(i => data.Test.LocationOf(i) ?? ImageSet.Text($"its image {i}"));
                observer.Warn(ImageSet.Text(
                    $"{overlap.Count} of the {overlap.TestImages} images of the ID test set '{overlap.TestSet}' are among the {kind} images ({string.Join(", ", places)}{(shared.Length > Examples ? ", …" : string.Empty)}): its accuracy and its scores are partly those of images that were learnt"));
                overlaps.Add(overlap);
            }
        }

        // An OOD set with known images in it is measured as if these were unknown.
        foreach (var (overlap, shared) in ImageOverlap.FindAll("ID test", data.Test, [.. data.Near, .. data.Far]))
        {
            observer.Warn(ImageSet.Text(
                $"{overlap.Count} of the {overlap.TestImages} images of the OOD set '{overlap.TestSet}' are images of the ID test set '{data.Test.Name}' (the first is its image {shared[0]}): its figures are drawn towards chance"));
        }

        return overlaps;
    }
}

/// <summary>Images that a run trains on beside the real ones, of those that it has.</summary>
/// <param name="Synthetic">The synthetic images; null for none.</param>
/// <param name="Auxiliary">The auxiliary images; null where the training method takes none.</param>
/// <param name="Mixing">Pictures that are mixed into training images, brought to the size of the test sets; null for none.</param>
internal sealed record TrainedImages(ImageSet? Synthetic = null, ImageSet? Auxiliary = null, Lazy<ImageSet>? Mixing = null);
