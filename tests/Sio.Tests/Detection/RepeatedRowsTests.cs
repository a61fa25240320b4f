using Sio.Detection;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Images with equal features and logits have equal scores, wherever they stand; features that no square can be made of are rejected.</summary>
public sealed class RepeatedRowsTests
{
    // Above the blocks of 1024 and 2048 rows, and no multiple of them.
    private const int Images = 2117, Features = 24, Classes = 5;

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Equal_rows_have_equal_scores_wherever_they_stand(string name)
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        {
            var weight = Normal(1, Classes, Features);
            using var train = Bank("train", Normal(2, 300, Features).relu(), weight);
            using var validation = Bank("val", Normal(3, 90, Features).relu(), weight);
            // Seven images again and again, so that each stands at the beginning, within and at the end of a block.
            var seven = Normal(4, 7, Features).relu();
            var rows = torch.arange(Images).remainder(7);
            using var id = Bank("id", seven.index_select(0, rows), weight);
            using var ood = Bank("ood", seven.narrow(0, 3, 3).clone(), weight);
            using var detector = DetectorFactory.Create(name);
            if (!detector.ScoresRows || detector.Needs.HasFlag(DetectorNeeds.SeveralNetworks))
                return;

            using var roster = DetectorRoster.Create([name], [], DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet);
            var (scores, _) = roster.Score(new DetectorFit(train, weight, torch.zeros([Classes]), validation), [id, ood]);
            var (own, others) = (scores[name][0], scores[name][1]);
            for (var i = 0; i < Images; i++)
                Assert.Equal(own[i % 7], own[i]);
            Assert.Equal(own[3..6], others);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    public static TheoryData<string> Detectors() => [.. Catalog<Detector>.Names];

    [Fact]
    public void Constant_features_tell_nothing_apart()
    {
        using var scope = NewDisposeScope();
        var weight = Normal(1, Classes, Features);
        using var train = Bank("train", Normal(2, 300, Features).relu(), weight);
        using var id = Bank("id", torch.full([1500, Features], 0.3f), weight);
        using var ood = Bank("ood", torch.full([333, Features], 0.3f), weight);
        using var roster = DetectorRoster.Create(["nnguide", "knn"], [], DetectorNeeds.TrainingSet);
        var (scores, _) = roster.Score(new DetectorFit(train, weight, torch.zeros([Classes])), [id, ood]);
        foreach (var name in scores.Keys)
            Assert.Equal(50, Sio.Evaluation.OodMetrics.Compute(scores[name][0], scores[name][1]).Auroc);
    }

    [Theory]
    [InlineData(1e20f, "whose square float32 cannot hold")]
    [InlineData(1e-30f, "whose square is zero in float32")]
    public void Features_without_a_square_are_rejected_by_what_needs_it(float scale, string expected)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(1, Classes, Features);
        using var train = Bank("train", Normal(2, 300, Features).relu(), weight);
        using var scaled = new FeatureBank("far", Normal(5, 4, Features).relu() * scale, Normal(6, 4, Classes), [-1, -1, -1, -1]);
        foreach (var name in new[] { "knn", "nnguide", "mds", "vim", "she" })
        {
            using var detector = DetectorFactory.Create(name);
            detector.Fit(new DetectorFit(train, weight, torch.zeros([Classes])));
            var error = Assert.Throws<DetectionException>(() => detector.Score(scaled));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Contains("far", error.Message, StringComparison.Ordinal);
        }

        // Logits are as they should be.
        using var msp = DetectorFactory.Create("msp");
        Assert.Equal(4, msp.Score(scaled).Length);
    }

    [Fact]
    public void One_row_of_small_features_is_normalised_exactly()
    {
        using var scope = NewDisposeScope();
        var row = Normal(7, 1, Features).abs();
        var unit = LargestProducts.Normalize(torch.cat([row, row * 1e-30f], 0));
        Assert.True((unit[0] - unit[1]).abs().max().ToDouble() < 1e-6);
    }

    private static Tensor Normal(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return torch.randn(shape, generator: generator);
    }

    private static FeatureBank Bank(string name, Tensor features, Tensor weight)
    {
        var count = (int)features.size(0);
        var labels = name == "ood" ? Enumerable.Repeat(-1, count) : Enumerable.Range(0, count).Select(i => i % Classes);
        return new FeatureBank(name, features.clone(), features.matmul(weight.t()), [.. labels]);
    }
}
