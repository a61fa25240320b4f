using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using Sio.Recipes;
using Sio.Tests.Data;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class NnGuideTests
{
    [Fact]
    public void Scores_are_the_originals_with_all_training_images() => PosthocReference.AssertScores("nnguide", "nnguide_full", 4e-6);

    [Fact]
    public void Scores_are_the_originals_with_the_peers_bank() =>
        PosthocReference.AssertScores("nnguide", "nnguide", 4e-6, "nnguide.alpha=0.01", "nnguide.bank=first_batches");

    [Fact]
    public void Settings_matter() => PosthocReference.AssertSettingMatters("nnguide", "nnguide.K=10", "nnguide.alpha=0.5");

    [Fact]
    public void The_choice_of_the_bank_matters()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var near = PosthocReference.Bank("near");
        using var random = DetectorFactory.Create("nnguide", ["nnguide.alpha=0.2"]);
        using var first = DetectorFactory.Create("nnguide", ["nnguide.alpha=0.2", "nnguide.bank=first_batches"]);
        random.Fit(RowBanks.Fit(train));
        first.Fit(RowBanks.Fit(train));
        Assert.Equal(400, random.State.Tensor("bank").size(0));
        Assert.Equal(512, first.State.Tensor("bank").size(0));
        Assert.NotEqual(random.Score(near), first.Score(near));
    }

    // Energies: log 2 for both bank images, log 2 + 1 for the test image; products with (0.6, 0.8): 0.6·log 2 and 0.8·log 2.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([[5, 0], [0, 2]], [0, 1], 2);
        using var test = RowBanks.Of([[3, 4]], [0], 2, [[1, 1]]);
        foreach (var (k, mean) in new[] { (1, 0.8), (2, 0.7) })
        {
            using var detector = new NnGuide { K = k };
            detector.Fit(RowBanks.Fit(train));
            Assert.Equal((Math.Log(2) + 1) * Math.Log(2) * mean, Assert.Single(detector.Score(test)), 1e-5);
        }
    }

    // A bank of several blocks, queries of two, and energies below zero.
    [Fact]
    public void Blocks_do_not_change_the_scores()
    {
        const int size = 4;
        const int k = 30;
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 5003, size, 2);
        using var test = RowBanks.Random("test", 1030, size, 2);
        using var detector = new NnGuide { K = k };
        detector.Fit(RowBanks.Fit(train));
        var scores = detector.Score(test);
        var (bank, queries) = (Guides(train, weighted: true), Guides(test, weighted: false));
        var energies = test.Logits.to(ScalarType.Float64).logsumexp(1).ToArray<double>();
        foreach (var i in new[] { 0, 1, 1023, 1024, 1029 })
        {
            var products = bank.Select(row => row.Zip(queries[i], (a, b) => a * b).Sum()).OrderDescending().Take(k);
            Assert.Equal(energies[i] * products.Average(), scores[i], 1e-5);
        }
    }

    [Theory]
    [InlineData(1.0, NnGuideBank.Random)]
    [InlineData(0.5, NnGuideBank.Random)]
    [InlineData(0.5, NnGuideBank.FirstBatches)]
    public void A_bank_that_is_not_copied_gives_the_same_scores(double alpha, NnGuideBank choice)
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (var folder = new TempFolder())
        {
            var train = RowBanks.Random("train", 5003, 4, 2);
            using var test = RowBanks.Random("test", 1030, 4, 2);
            using var copied = new NnGuide { K = 30, Alpha = alpha, Bank = choice };
            using var streamed = new NnGuide { K = 30, Alpha = alpha, Bank = choice, CopiedBelow = 0 };
            copied.Fit(RowBanks.Fit(train));
            streamed.Fit(RowBanks.Fit(train));
            Assert.False(streamed.State.Tensors.ContainsKey("bank"));
            train.Dispose();
            Assert.Equal(copied.Score(test), streamed.Score(test), (a, b) => Math.Abs(a - b) < 1e-5);
            DetectorFile.Save(folder.File("nnguide.safetensors"), streamed);
            using var loaded = DetectorFile.Load(folder.File("nnguide.safetensors"));
            Assert.Equal(streamed.Score(test), loaded.Score(test));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void More_neighbours_than_the_bank_holds_are_refused()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 200, 3, 2);
        foreach (var detector in new[] { new NnGuide { K = 201 }, new NnGuide { K = 0 }, new NnGuide { K = 11, Alpha = 0.05 } })
        {
            using (detector)
                Assert.Contains($"k = {detector.K}", Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
        }

        using var none = new NnGuide { Alpha = 0 };
        Assert.Contains("alpha = 0", Assert.Throws<DetectionException>(() => none.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("nnguide", ["nnguide.alpha=1.5"]));
    }

    [Fact]
    public void Constant_features_and_images_without_any_get_a_score()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([[1, 1], [1, 1], [0, 0]], [0, 1, 0], 2);
        using var test = RowBanks.Of([[0, 0]], [0], 2);
        using var detector = new NnGuide { K = 3 };
        detector.Fit(RowBanks.Fit(train));
        Assert.Equal(0, Assert.Single(detector.Score(test)), 1e-6);
    }

    private static double[][] Guides(FeatureBank bank, bool weighted)
    {
        var energies = bank.Logits.to(ScalarType.Float64).logsumexp(1).ToArray<double>();
        var values = bank.Features.ToArray<float>();
        return [.. values.Chunk((int)bank.Features.size(1)).Select((row, i) =>
        {
            var norm = Math.Sqrt(row.Sum(value => (double)value * value));
            return row.Select(value => value / norm * (weighted ? energies[i] : 1)).ToArray();
        })];
    }
}
