using Sio.Data;
using Sio.Evaluation.Benchmarks;

namespace Sio.Experiments;

/// <summary>
/// Whether a run trains on images that it is tested with. A network that has learnt to give the very images of an OOD set a flat softmax says nothing about outliers that it has not seen: this
/// is why SIO leaves Tiny ImageNet, from which auxiliary sets are taken, out of the near-OOD sets.
/// </summary>
internal static class TestOverlaps
{
    private const string Training = "training", Synthetic = "synthetic";

    /// <summary>Finds shared images, and warns of them.</summary>
    /// <param name="data">The benchmark: all images that are trained on are compared with all its test sets.</param>
    /// <param name="beside">What is trained on beside the real images.</param>
    /// <param name="refuse">Whether a shared image is an error.</param>
    /// <param name="observer">Is warned.</param>
    /// <exception cref="DataException">Images are shared, and that is to be refused; of the ID test set with training and synthetic images it is a warning.</exception>
    internal static IReadOnlyList<ImageOverlap> Report(BenchmarkData data, TrainedImages beside, bool refuse, RunObserver observer)
    {
        ImageSet[] ood = [.. data.Near, .. data.Far];
        ImageSet[] all = [data.Test, .. ood, .. data.ShiftedId];
        (string Kind, ImageSet? Images, ImageSet[] Tests)[] trained =
            [(Training, data.Train, all), (Synthetic, beside.Synthetic, all), ("auxiliary", beside.Auxiliary, all), ("mixing", beside.Mixing?.Value, all)];
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

            // A test image that is trained on makes the accuracy too good. Published sets share some, so it is no error.
            if (overlap.TestSet == data.Test.Name && overlap.Images is (Training or Synthetic))
            {
                observer.Warn($"{message}: the accuracy and the detectors' scores on them are those of images that were learnt");
                continue;
            }

            if (refuse)
                throw new DataException($"{message}: results on it would mean nothing; leave them out, or set objective.refuse_overlap: false");
            observer.Warn($"{message}: results on it say nothing about images that were not trained on");
        }

        return found;
    }
}

/// <summary>Images that a run trains on beside the real ones, of those that it has.</summary>
/// <param name="Synthetic">The synthetic images; null for none.</param>
/// <param name="Auxiliary">The auxiliary images; null where the training method takes none.</param>
/// <param name="Mixing">Pictures that are mixed into training images, brought to the size of the test sets; null for none.</param>
internal sealed record TrainedImages(ImageSet? Synthetic = null, ImageSet? Auxiliary = null, Lazy<ImageSet>? Mixing = null);
