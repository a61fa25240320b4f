using Sio.Data;
using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Small sets by hand, and the sets at the edge that any detector on features must give numbers for.</summary>
internal static class FeatureEdgeCases
{
    /// <summary>A bank of given numbers; it belongs to the open tensor scope.</summary>
    internal static FeatureBank Bank(float[] features, int size, float[] logits, params int[] labels)
    {
        var count = features.Length / size;
        return new FeatureBank("bank", torch.tensor(features, [count, size]), torch.tensor(logits, [count, logits.Length / count]), labels.Length > 0 ? labels : new int[count]);
    }

    /// <summary>A detector's scores of features and logits, fitted on a bank as training and validation set with a head of D inputs.</summary>
    internal static float[] Score(Detector detector, FeatureBank fit, float[] weight, float[] bias, float[] features, float[] logits)
    {
        using var scope = NewDisposeScope();
        var size = weight.Length / bias.Length;
        detector.Fit(new DetectorFit(fit, torch.tensor(weight, [bias.Length, size]), torch.tensor(bias), fit));
        using var bank = Bank(features, size, logits);
        return detector.Score(bank);
    }

    /// <summary>
    /// Fits and scores where a class is missing from what is fitted on, features are constant, zero or negative, there is one image, and there are more classes than
    /// features. Scores must be finite, and an image alone must score as it does among others.
    /// </summary>
    internal static void AssertFiniteScores(string detector, params string[] settings)
    {
        Assert.All(
            new (string Name, int Fitted, int Classes, int Size, Func<double, float> Feature, int Missing)[]
            {
                ("usual", 30, 3, 10, x => (float)Math.Abs(x), -1),
                ("class missing", 30, 3, 10, x => (float)Math.Abs(x), 1),
                ("constant", 30, 3, 10, _ => 0.7f, -1),
                ("zero", 30, 3, 10, _ => 0, -1),
                ("negative", 30, 3, 10, x => (float)-Math.Abs(x), -1),
                ("single", 1, 3, 10, x => (float)Math.Abs(x), -1),
                ("more classes than features", 30, 17, 10, x => (float)x, -1),
            },
            edge =>
            {
                using var scope = NewDisposeScope();
                var random = RandomStream.For(5, edge.Name);
                float[] weight = [.. Enumerable.Range(0, edge.Classes * edge.Size).Select(_ => (float)random.NextGaussian())];
                float[] bias = [.. Enumerable.Range(0, edge.Classes).Select(_ => (float)(0.1 * random.NextGaussian()))];
                using var fit = Random(edge.Fitted, edge.Missing);
                using var test = Random(20, -1);
                using var made = DetectorFactory.Create(detector, settings);
                made.Fit(new DetectorFit(fit, torch.tensor(weight, [edge.Classes, edge.Size]), torch.tensor(bias), fit));
                var scores = made.Score(test);
                Assert.All(scores, score => Assert.True(float.IsFinite(score), $"{edge.Name}: {score}"));
                using var alone = new FeatureBank("alone", test.Features.narrow(0, 7, 1).clone(), test.Logits.narrow(0, 7, 1).clone(), [0]);
                Assert.Equal(scores[7], Assert.Single(made.Score(alone)), 1e-5f * Math.Max(1, Math.Abs(scores[7])));

                FeatureBank Random(int count, int missing)
                {
                    var (features, logits, labels) = (new List<float>(), new List<float>(), new List<int>());
                    while (labels.Count < count)
                    {
                        float[] feature = [.. Enumerable.Range(0, edge.Size).Select(_ => edge.Feature(random.NextGaussian()))];
                        float[] logit = [.. bias.Select((b, c) => b + feature.Select((f, i) => f * weight[(c * edge.Size) + i]).Sum())];
                        var label = Array.IndexOf(logit, logit.Max());
                        if (label == missing)
                            continue;
                        features.AddRange(feature);
                        logits.AddRange(logit);
                        labels.Add(label);
                    }

                    return Bank([.. features], edge.Size, [.. logits], [.. labels]);
                }
            });
    }
}
