using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Further passes over the images of a bank, for detectors that look at feature maps: in chunks, so that maps and gradients of a few images are in memory at a time.</summary>
internal static class MapPasses
{
    /// <summary>Images of a chunk: ResNet-18's maps of 32×32 images with their gradients take some hundred megabytes.</summary>
    private const int Chunk = 64;

    /// <summary>Does something with each chunk of images, in the bank's order and in a tensor scope of its own.</summary>
    /// <param name="bank">A bank with images.</param>
    /// <param name="work">Is given the row of the chunk's first image, and the images [n,channels,H,W].</param>
    /// <param name="until">The row to stop at; that of the last image when left out.</param>
    /// <exception cref="DetectionException">The bank's images are not as many as its features.</exception>
    internal static void ForEach(FeatureBank bank, Action<int, Tensor> work, int? until = null)
    {
        var (done, wanted) = (0, until ?? bank.Count);
        foreach (var batch in bank.Images!.Batches())
        {
            using (batch)
            {
                var count = (int)batch.size(0);
                for (var start = 0; start < count; start += Chunk)
                {
                    using var scope = NewDisposeScope();
                    var size = Math.Min(Chunk, count - start);
                    if (done + size <= bank.Count)
                        work(done, batch.narrow(0, start, size));
                    done += size;
                }
            }

            if (until is not null && done >= wanted)
                return;
        }

        if (done != wanted)
            throw new DetectionException($"{bank.Name}: {done} images come with {bank.Count} rows of features");
    }

    /// <summary>Scores all images of a bank, chunk by chunk.</summary>
    /// <param name="bank">A bank with images.</param>
    /// <param name="score">Scores [n], of any floating-point type, of the chunk whose first row and images [n,channels,H,W] it is given.</param>
    /// <exception cref="DetectionException">The bank's images are not as many as its features.</exception>
    internal static float[] Score(FeatureBank bank, Func<int, Tensor, Tensor> score)
    {
        var scores = new float[bank.Count];
        ForEach(bank, (start, images) => score(start, images).to(ScalarType.Float32).CopyTo<float>(scores.AsSpan(start, (int)images.size(0))));
        return scores;
    }

    /// <summary>The network's feature maps, first stage to last.</summary>
    /// <exception cref="DetectionException">It offers none.</exception>
    internal static IReadOnlyList<Tensor> Maps(FeatureBank bank, Tensor images, string detector) =>
        bank.Images!.Model.FeatureMaps(images) is { Count: > 0 } maps
            ? maps
            : throw new DetectionException($"{detector}: the network of {bank.Name} offers no feature maps");

    /// <summary>Refuses a bank to fit on that has no image, or one whose label is no class.</summary>
    /// <exception cref="DetectionException">It is such a bank.</exception>
    internal static void CheckLabels(FeatureBank bank, int classes, string detector)
    {
        if (bank.Count == 0)
            throw new DetectionException($"{detector}: {bank.Name} has no image to fit on");
        var bad = Array.FindIndex(bank.Labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw new DetectionException($"{detector}: image {bad} of {bank.Name} has the label {bank.Labels[bad]}, not one of the {classes} classes");
    }
}
