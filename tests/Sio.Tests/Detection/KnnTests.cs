using Sio.Engine;
using Sio.Data;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class KnnTests
{
    [Fact]
    public void Scores_and_AUROC_are_the_originals() => PosthocReference.AssertScores("knn", "knn", 2e-5);

    // The bank in many blocks of 2,048, the last one whole, short or of a single row; queries longer than one block of 1,024; k beyond a block.
    [Theory]
    [InlineData(40_000, 50, 1030)]
    [InlineData(33_000, 1, 5)]
    [InlineData(32_768, 7, 5)]
    [InlineData(16_385, 3, 5)]
    [InlineData(16_384, 16_384, 5)]
    [InlineData(16_390, 16_388, 5)]
    [InlineData(2_049, 2_049, 5)]
    [InlineData(5, 3, 5)]
    public void Blocks_do_not_change_the_distances(int bankSize, int k, int count)
    {
        const int size = 6;
        var (bank, queries) = (Features("bank", bankSize, size), Features("queries", count, size));
        using var scope = NewDisposeScope();
        using var train = Bank(bank, size);
        using var test = Bank(queries, size);
        using var knn = new Knn { K = k };
        knn.Fit(new DetectorFit(train, torch.zeros([2, size]), torch.zeros([2])));
        var scores = knn.Score(test);

        Assert.Equal(count, scores.Length);
        foreach (var query in new[] { 0, count / 2, Math.Min(1023, count - 1), Math.Min(1024, count - 1), count - 1 }.Distinct())
            Assert.Equal(-KthDistance(bank, queries.AsSpan(query * size, size), k), scores[query], 2e-6);
    }

    [Fact]
    public void The_nearest_may_lie_in_any_block()
    {
        const int size = 4;
        const int bankSize = 33_000;
        var bank = Features("bank", bankSize, size);
        var places = new[] { 0, 16_383, 16_384, 32_767, 32_768, bankSize - 1 };
        float[] queries = [.. places.SelectMany(place => bank.AsSpan(place * size, size).ToArray())];
        using var scope = NewDisposeScope();
        using var train = Bank(bank, size);
        using var test = Bank(queries, size);
        using var knn = new Knn { K = 1 };
        knn.Fit(new DetectorFit(train, torch.zeros([2, size]), torch.zeros([2])));
        Assert.All(knn.Score(test), score => Assert.InRange(score, -1e-6f, 0f));
    }

    // Each image of the bank is nearer than all before it, so that every one of them takes a place among the k nearest.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public void The_order_of_the_bank_does_not_matter(int k)
    {
        const int bankSize = 5000;
        using var scope = NewDisposeScope();
        var bank = Enumerable.Range(0, bankSize).SelectMany(i => Angle(1 - ((double)i / bankSize))).ToArray();
        using var train = Bank(bank, 2);
        using var test = Bank(Angle(0), 2);
        using var knn = new Knn { K = k };
        knn.Fit(new DetectorFit(train, torch.zeros([2, 2]), torch.zeros([2])));
        Assert.Equal(-KthDistance(bank, Angle(0), k), knn.Score(test)[0], 1e-6);

        static float[] Angle(double angle) => [(float)Math.Cos(angle), (float)Math.Sin(angle)];
    }

    // The bank of several blocks, the queries too; saved and loaded in between.
    [Theory]
    [InlineData(5_000, 50, 2_100)]
    [InlineData(2_048, 1, 1)]
    public void A_training_set_that_is_not_copied_gives_the_same_scores(int bankSize, int k, int count)
    {
        const int size = 6;
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (var folder = new TempFolder())
        {
            var train = Bank(Features("bank", bankSize, size), size);
            using var test = Bank(Features("queries", count, size), size);
            using var copied = new Knn { K = k };
            using var streamed = new Knn { K = k, CopiedBelow = 0 };
            foreach (var knn in new[] { copied, streamed })
                knn.Fit(new DetectorFit(train, torch.zeros([2, size]), torch.zeros([2])));
            Assert.Equal(["features"], streamed.State.Tensors.Keys);
            train.Dispose();
            var expected = copied.Score(test);
            Assert.Equal(expected, streamed.Score(test), (a, b) => Math.Abs(a - b) < 1e-6);
            DetectorFile.Save(folder.File("knn.safetensors"), streamed);
            using var loaded = DetectorFile.Load(folder.File("knn.safetensors"));
            Assert.Equal(streamed.Score(test), loaded.Score(test));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Images_without_any_feature_get_a_score()
    {
        using var scope = NewDisposeScope();
        using var train = Bank([0, 0, 1, 0, 0, 2], 2);
        using var test = Bank([0, 0, 3, 0], 2);
        using var knn = new Knn { K = 2 };
        knn.Fit(new DetectorFit(train, torch.zeros([2, 2]), torch.zeros([2])));
        // Unit vectors (1,0) and (0,1) and the zero vector: the second nearest is 1 away from both.
        Assert.All(knn.Score(test), score => Assert.Equal(-1, score, 1e-6));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(0)]
    [InlineData(-1)]
    public void More_neighbours_than_images_are_refused(int k)
    {
        using var scope = NewDisposeScope();
        using var train = Bank(Features("bank", 10, 3), 3);
        using var knn = new Knn { K = k };
        var error = Assert.Throws<DetectionException>(() => knn.Fit(new DetectorFit(train, torch.zeros([2, 3]), torch.zeros([2]))));
        Assert.Contains($"k = {k}", error.Message, StringComparison.Ordinal);
        Assert.Contains("there are 10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoring_without_fitting_is_refused()
    {
        using var scope = NewDisposeScope();
        using var bank = Bank(Features("bank", 10, 3), 3);
        using var knn = new Knn { K = 3 };
        Assert.Contains("fit it before scoring", Assert.Throws<DetectionException>(() => knn.Score(bank)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_another_size_are_refused()
    {
        using var scope = NewDisposeScope();
        using var train = Bank(Features("bank", 10, 3), 3);
        using var test = Bank(Features("other", 10, 4), 4);
        using var knn = new Knn { K = 3 };
        knn.Fit(new DetectorFit(train, torch.zeros([2, 3]), torch.zeros([2])));
        var message = Assert.Throws<DetectionException>(() => knn.Score(test)).Message;
        Assert.Contains("expected 3", message, StringComparison.Ordinal);
        Assert.Contains("has 4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fitting_again_forgets_what_was_fitted_before()
    {
        using var scope = NewDisposeScope();
        using var first = Bank([1, 0, 1, 0], 2);
        using var second = Bank([0, 1, 0, 1], 2);
        using var knn = new Knn { K = 1 };
        knn.Fit(new DetectorFit(first, torch.zeros([2, 2]), torch.zeros([2])));
        Assert.Equal(-2, knn.Score(second)[0], 1e-6);
        knn.Fit(new DetectorFit(second, torch.zeros([2, 2]), torch.zeros([2])));
        Assert.Equal(0, knn.Score(second)[0], 1e-6);
    }

    private static float[] Features(string name, int count, int size)
    {
        var random = RandomStream.For(3, name);
        return [.. Enumerable.Range(0, count * size).Select(_ => (float)random.NextGaussian())];
    }

    private static FeatureBank Bank(float[] features, int size)
    {
        var count = features.Length / size;
        return new FeatureBank("bank", torch.tensor(features, [count, size]), torch.zeros([count, 2]), new int[count]);
    }

    private static double KthDistance(float[] bank, ReadOnlySpan<float> query, int k)
    {
        var (size, q) = (query.Length, Unit(query));
        var distances = new double[bank.Length / size];
        for (var i = 0; i < distances.Length; i++)
            distances[i] = Unit(bank.AsSpan(i * size, size)).Zip(q, (a, b) => (a - b) * (a - b)).Sum();
        Array.Sort(distances);
        return distances[k - 1];
    }

    private static double[] Unit(ReadOnlySpan<float> vector)
    {
        var values = Array.ConvertAll(vector.ToArray(), value => (double)value);
        var norm = Math.Sqrt(values.Sum(value => value * value));
        return Array.ConvertAll(values, value => value / norm);
    }
}
