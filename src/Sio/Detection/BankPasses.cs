using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Further passes over the images of a bank, for detectors that need more than its features.</summary>
internal static class BankPasses
{
    /// <summary>Scores all images of a bank, batch by batch; temporaries of a batch need no disposing.</summary>
    /// <param name="bank">A bank with images.</param>
    /// <param name="score">Scores of a batch [n,channels,H,W].</param>
    /// <exception cref="DetectionException">The bank's images are not as many as its features.</exception>
    internal static float[] Score(FeatureBank bank, Func<Tensor, float[]> score)
    {
        var scores = new List<float>(bank.Count);
        foreach (var images in bank.Images!.Batches())
        {
            using (images)
            using (NewDisposeScope())
                scores.AddRange(score(images));
        }

        return scores.Count == bank.Count
            ? [.. scores]
            : throw new DetectionException($"{bank.Name}: {scores.Count} images come with {bank.Count} rows of features");
    }
}
