using Sio.Data;
using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class RelationTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("relation", "relation", 5e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("relation", "relation.pow=2", "relation.threshold=0.1");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("relation");

    // Cosines 0.6, 0.8 and -0.6, and probabilities that agree by a half: relations 0.3, 0.4 and none.
    [Theory]
    [InlineData(1, 0.03, 0.7)]
    [InlineData(1, 0.35, 0.4)]
    [InlineData(1, 0.5, 0)]
    [InlineData(2, 0.03, 0.25)]
    public void Follows_the_formula(double pow, double threshold, double expected)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 0, 0, 2, -1, 0], 2, new float[6]);
        using var relation = new Relation { Pow = pow, Threshold = threshold };
        var score = Assert.Single(FeatureEdgeCases.Score(relation, fit, new float[4], new float[2], [3, 4], [0, 0]));
        Assert.Equal(expected, score, 1e-6);
    }

    // Longer than two of the detector's blocks of 4,096 training images, and than two of its blocks of 512 queries.
    [Fact]
    public void Blocks_do_not_change_the_scores()
    {
        const int size = 5;
        const int classes = 3;
        var random = RandomStream.For(4, "relation");
        var (train, trainLogits) = (Numbers(8_200, size), Numbers(8_200, classes));
        var (test, testLogits) = (Numbers(1_030, size), Numbers(1_030, classes));
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank(train, size, trainLogits);
        using var relation = new Relation();
        var scores = FeatureEdgeCases.Score(relation, fit, new float[classes * size], new float[classes], test, testLogits);
        foreach (var query in new[] { 0, 511, 512, 1023, 1024, 1029 })
        {
            var (f, p) = (Unit(test, query), Probabilities(testLogits, query));
            var expected = Enumerable.Range(0, 8_200)
                .Select(j => Math.Max(0, Dot(f, Unit(train, j))) * Dot(p, Probabilities(trainLogits, j)))
                .Where(r => r > 0.03)
                .Sum();
            Assert.Equal(expected, scores[query], 1e-6 * expected);
        }

        float[] Numbers(int count, int width) => [.. Enumerable.Range(0, count * width).Select(_ => (float)random.NextGaussian())];
        static double[] Row(float[] values, int row, int width) => [.. values.AsSpan(row * width, width).ToArray().Select(value => (double)value)];
        static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
        static double[] Unit(float[] values, int row)
        {
            var vector = Row(values, row, size);
            return Array.ConvertAll(vector, value => value / Math.Sqrt(Dot(vector, vector)));
        }

        static double[] Probabilities(float[] values, int row)
        {
            var powers = Array.ConvertAll(Row(values, row, classes), Math.Exp);
            return Array.ConvertAll(powers, power => power / powers.Sum());
        }
    }

    [Theory]
    [InlineData(0, 0.03, "pow is 0")]
    [InlineData(double.NaN, 0.03, "pow is NaN")]
    [InlineData(1, 1, "threshold is 1")]
    [InlineData(1, -0.1, "threshold is -0.1")]
    public void Hyper_parameters_out_of_range_are_refused(double pow, double threshold, string message)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1], 1, [0, 0]);
        using var relation = new Relation { Pow = pow, Threshold = threshold };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(relation, fit, [1], [0], [1], [1]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
