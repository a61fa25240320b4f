using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using Sio.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class OpenMaxTests
{
    // params.json of the reference, made by another solver.
    private static readonly double[] s_shapes =
    [
        3554.1475115173143, 7844.583311819852, 10350.564440922488, 9061.17108337551, 9812.290985315842, 7982.85432540715, 10026.970019079145,
        7528.341606952761, 9742.588937905002, 4433.519976370526,
    ];

    private static readonly double[] s_scales =
    [
        10002.994609510013, 10001.93125323696, 10001.190998024298, 10001.593480490596, 10001.681586837629, 10001.777623301232, 10001.391857981493,
        10001.761511537976, 10001.161921122555, 10002.571365030371,
    ];

    [Theory]
    [InlineData("openmax_v15", 1e-5)]
    [InlineData("openmax_v15", 1e-5, "openmax.confidence=openood15", "openmax.alpha=3", "openmax.tail=20", "openmax.translate=10000")]
    [InlineData("openmax", 7e-6, "openmax.confidence=openood10")]
    public void Scores_are_the_originals(string row, double noise, params string[] settings) =>
        PosthocReference.AssertScores("openmax", row, noise, settings);

    [Fact]
    public void Settings_matter() => PosthocReference.AssertSettingMatters(
        "openmax", "openmax.alpha=1", "openmax.tail=10", "openmax.translate=1", "openmax.confidence=openood10");

    [Fact]
    public void The_distributions_are_those_of_maximum_likelihood()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var detector = Fitted(train, new OpenMax());
        var (shapes, scales) = (detector.State.Tensor("shapes").ToArray<double>(), detector.State.Tensor("scales").ToArray<double>());
        for (var c = 0; c < 10; c++)
        {
            Assert.Equal(s_shapes[c], shapes[c], 1e-5 * s_shapes[c]);
            Assert.Equal(s_scales[c], scales[c], 1e-4);
        }
    }

    // The whole method again, image by image, where the translation is small and the fit far from a Gumbel distribution's.
    [Fact]
    public void Scores_are_those_of_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var test = PosthocReference.Bank("far");
        using var detector = Fitted(train, new OpenMax { Alpha = 5, Tail = 30, Translate = 2 });
        var scores = detector.Score(test);

        var rows = Rows(train);
        var predictions = train.Predictions();
        var models = Enumerable.Range(0, 10).Select(c =>
        {
            var own = rows.Where((_, i) => predictions[i] == c && train.Labels[i] == c).ToArray();
            double[] mean = [.. Enumerable.Range(0, 10).Select(j => own.Average(row => row[j]))];
            double[] largest = [.. own.Select(row => Distance(row, mean)).OrderDescending().Take(30)];
            return (Mean: mean, Least: largest[^1], Weibull: Weibull([.. largest.Select(x => x - largest[^1] + 2)]));
        }).ToArray();
        foreach (var (row, score) in Rows(test).Zip(scores))
        {
            int[] order = [.. Enumerable.Range(0, 10).OrderByDescending(c => row[c])];
            var (revised, unknown) = ((double[])row.Clone(), 0.0);
            for (var rank = 0; rank < 5; rank++)
            {
                var c = order[rank];
                var ratio = Math.Max(0, Distance(row, models[c].Mean) - models[c].Least + 2) / models[c].Weibull.Scale;
                var taken = row[c] * (5 - rank) / 5 * (1 - Math.Exp(-Math.Pow(ratio, models[c].Weibull.Shape)));
                revised[c] -= taken;
                unknown += taken;
            }

            var expected = -Math.Exp(unknown) / (Math.Exp(unknown) + revised.Sum(Math.Exp));
            Assert.Equal(expected, score, 1e-6);
        }
    }

    // Each distance twice over, and a tail of twice as many: the same likelihood, but for a factor.
    [Fact]
    public void Blocks_do_not_change_the_scores()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var trains = RepeatedBank.Of(train, 2);
        using var test = PosthocReference.Bank("near");
        using var tests = RepeatedBank.Of(test, 5);
        using var once = Fitted(train, new OpenMax());
        using var often = Fitted(trains, new OpenMax { Tail = 40 });
        Assert.All(Enumerable.Repeat(once.Score(test), 5).SelectMany(scores => scores).Zip(often.Score(tests)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void More_revised_logits_than_classes_are_all_of_them()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var test = PosthocReference.Bank("id");
        using var all = Fitted(train, new OpenMax { Alpha = 10 });
        using var more = Fitted(train, new OpenMax { Alpha = 1000 });
        Assert.Equal(all.Score(test), more.Score(test));
    }

    [Fact]
    public void A_tail_longer_than_a_class_is_all_of_it()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var test = PosthocReference.Bank("id");
        using var all = Fitted(train, new OpenMax { Tail = 2000 });
        using var more = Fitted(train, new OpenMax { Tail = int.MaxValue });
        Assert.Equal(all.Score(test), more.Score(test));
    }

    // Of three classes on the plane of two features, only the first is modelled: the second has no image, the third two, at one distance from their mean.
    [Fact]
    public void Classes_with_too_few_images_keep_their_logits()
    {
        using var scope = NewDisposeScope();
        using var train = Bank([5, 0, 0, 6, 1, 0, 7, 0, 1, 9, 0, 0, 0, 0, 5, 0, 1, 7], 0, 0, 0, 0, 2, 2);
        using var test = Bank([0, 50, 1, 1, 0, 50, 50, 0, 1], 1, 2, 0);
        using var detector = Fitted(train, new OpenMax { Alpha = 1 });
        Assert.Equal([1, 0, 0], detector.State.Tensor("modelled").ToArray<double>());
        var scores = detector.Score(test);

        // Far from everything: where the class is not modelled nothing goes to the unknown class, else all does.
        Assert.Equal(0, scores[0], 1e-6);
        Assert.Equal(0, scores[1], 1e-6);
        Assert.Equal(-1, scores[2], 1e-6);
    }

    [Fact]
    public void Without_any_class_to_model_fitting_is_refused()
    {
        using var scope = NewDisposeScope();
        using var single = Bank([1, 0, 0], 0);
        using var constant = Bank([.. Enumerable.Repeat(new[] { 1.1f, 0.3f, 0.7f }, 50).SelectMany(row => row)], new int[50]);
        using var wrong = Bank([1, 0, 0, 2, 0, 0, 3, 0, 1, 4, 0, 2], 1, 1, 1, 1);
        using var empty = Bank([]);
        foreach (var train in new[] { single, constant, wrong, empty })
            Assert.Contains("no class has 3", Assert.Throws<DetectionException>(() => Fitted(train, new OpenMax())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hyper_parameters_out_of_range_are_refused()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        Assert.Contains("alpha", Assert.Throws<DetectionException>(() => Fitted(train, new OpenMax { Alpha = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("tail", Assert.Throws<DetectionException>(() => Fitted(train, new OpenMax { Tail = 2 })).Message, StringComparison.Ordinal);
        Assert.Contains("translate", Assert.Throws<DetectionException>(() => Fitted(train, new OpenMax { Translate = double.NaN })).Message, StringComparison.Ordinal);
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("openmax", ["openmax.translate=0"]));
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("openmax", ["openmax.confidence=openood20"]));
    }

    // Any translation that is allowed gives numbers, and so do images as far away as float32 can say.
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e9)]
    public void Scores_are_numbers_at_the_edge(double translate)
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        var logits = torch.zeros([3, 10]);
        logits.narrow(0, 0, 1).fill_(1e30);
        logits.narrow(0, 1, 1).fill_(-1e4);
        using var test = new FeatureBank("edge", torch.zeros([3, 64]), logits, [0, 0, 0]);
        using var detector = Fitted(train, new OpenMax { Translate = translate });
        Assert.All(detector.Score(test), score => Assert.InRange(score, -1f, 0f));
    }

    private static OpenMax Fitted(FeatureBank train, OpenMax detector)
    {
        var (classes, size) = (train.Logits.size(1), train.Features.size(1));
        detector.Fit(new DetectorFit(train, torch.zeros([classes, size]), torch.zeros([classes])));
        return detector;
    }

    private static FeatureBank Bank(float[] logits, params int[] labels) =>
        new("bank", torch.zeros([labels.Length, 2]), torch.tensor(logits, [labels.Length, 3]), labels);

    private static double[][] Rows(FeatureBank bank) =>
        [.. bank.Logits.ToArray<float>().Chunk(10).Select(row => Array.ConvertAll(row, logit => (double)logit))];

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    // By bisection on the shape.
    private static (double Shape, double Scale) Weibull(double[] values)
    {
        var (low, high) = (1e-3, 1e5);
        for (var step = 0; step < 200; step++)
        {
            var middle = (low + high) / 2;
            var powers = Array.ConvertAll(values, y => Math.Pow(y / values.Max(), middle));
            var slope = (powers.Zip(values, (power, y) => power * Math.Log(y)).Sum() / powers.Sum()) - (1 / middle) - values.Average(Math.Log);
            (low, high) = slope > 0 ? (low, middle) : (middle, high);
        }

        return (low, values.Max() * Math.Pow(values.Average(y => Math.Pow(y / values.Max(), low)), 1 / low));
    }
}
