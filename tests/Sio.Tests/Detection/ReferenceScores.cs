using Sio.Data;
using Sio.Detection;
using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Scores of a detector that needs images, on the small network of the reference: fitted on ID and near images, scored on far ones.</summary>
internal static class ReferenceScores
{
    internal static float[] Of(Classifier network, string detector, params string[] settings)
    {
        using var scope = NewDisposeScope();
        using var made = DetectorFactory.Create(detector, settings);
        using var train = Bank(network, "id", 40);
        using var validation = Bank(network, "near", 40);
        using var test = Bank(network, "far", 40);
        made.Fit(new DetectorFit(train, network.Head.weight.detach(), network.Head.bias!.detach(), validation));
        return made.Score(test);
    }

    /// <summary>A bank with its images; the caller disposes it.</summary>
    internal static FeatureBank Bank(Classifier network, string split, int batchSize)
    {
        // The reference's images have no labels: those here just go round.
        var set = ImageReference.Images(split);
        var labelled = new ImageSet(split, set.Pixels, [.. Enumerable.Range(0, set.Count).Select(i => i % 5)], 3, 32, 32, 10);
        return FeatureBank.Extract(network, labelled, ImageReference.Normalization, keepImages: true, batchSize);
    }
}
