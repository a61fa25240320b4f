using Sio.Data;
using Sio.Detection;
using TorchSharp;

namespace Sio.Tests.Detection;

/// <summary>Banks written out row by row, for examples that can be worked out by hand, and random ones.</summary>
internal static class RowBanks
{
    /// <summary>One image per row; logits are zeros unless given.</summary>
    internal static FeatureBank Of(float[][] features, int[] labels, int classes, float[][]? logits = null) => new(
        "rows",
        torch.tensor(features.SelectMany(row => row).ToArray(), [features.Length, features[0].Length]),
        logits is null ? torch.zeros([features.Length, classes]) : torch.tensor(logits.SelectMany(row => row).ToArray(), [features.Length, classes]),
        labels);

    /// <summary>Normal features and logits; labels go round.</summary>
    internal static FeatureBank Random(string name, int count, int size, int classes)
    {
        var random = RandomStream.For(5, name);
        float[] Values(int n) => [.. Enumerable.Range(0, n).Select(_ => (float)random.NextGaussian())];
        return new(name, torch.tensor(Values(count * size), [count, size]), torch.tensor(Values(count * classes), [count, classes]), [.. Enumerable.Range(0, count).Select(i => i % classes)]);
    }

    /// <summary>A fit on one bank, with a head of random weights.</summary>
    internal static DetectorFit Fit(FeatureBank train, FeatureBank? validation = null)
    {
        var random = RandomStream.For(6, "head");
        var (classes, size) = (train.Logits.size(1), train.Features.size(1));
        float[] Values(long n) => [.. Enumerable.Range(0, (int)n).Select(_ => (float)random.NextGaussian())];
        return new(train, torch.tensor(Values(classes * size), [classes, size]), torch.tensor(Values(classes), [classes]), validation);
    }
}
