using System.Text.Json;
using FsCheck.Fluent;
using Sio.Evaluation;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

public sealed class CalibrationErrorTests
{
    [Fact]
    public void Reference_logits_have_their_error_likelihood_and_accuracy()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics", "calibration.json")));
        foreach (var json in document.RootElement.GetProperty("ece_cases").EnumerateArray())
        {
            double[] logits = [.. json.GetProperty("logits").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(e => e.GetDouble())];
            int[] labels = [.. json.GetProperty("label").EnumerateArray().Select(e => e.GetInt32())];
            var expected = json.GetProperty("expected");

            var predictions = SoftmaxPredictions.FromLogits(logits, labels);

            Assert.Equal(100 * expected.GetProperty("guo2017_15_bins").GetDouble(), CalibrationError.Expected(predictions.Confidences, predictions.Correct), 1e-12);
            Assert.Equal(1, predictions.NegativeLogLikelihood / expected.GetProperty("nll").GetDouble(), 1e-12);
            Assert.Equal(expected.GetProperty("acc").GetDouble(), predictions.Correct.Count(c => c) / (double)labels.Length, 1e-12);
        }
    }

    [Fact]
    public void A_worked_example()
    {
        // Two bins: 0.3 and 0.5 are in (0, 0.5], one of two right: gap |0.5 - 0.4|; 0.9 and 1 both right: gap |1 - 0.95|.
        Assert.Equal(100 * ((0.5 * 0.1) + (0.5 * 0.05)), CalibrationError.Expected([0.9, 0.3, 1, 0.5], [true, false, true, true], 2), 1e-12);

        // Equal masses: {0.6, 0.7} with none right, {0.8, 0.9} with both.
        Assert.Equal(100 * ((0.5 * 0.65) + (0.5 * 0.15)), CalibrationError.Adaptive([0.9, 0.6, 0.7, 0.8], [true, false, false, true], 2), 1e-12);
    }

    [Fact]
    public void Upper_edges_belong_to_their_bin()
    {
        // b / 15 in double, each alone in bin b: right where b is even. Every sample's own gap counts, or errors would cancel.
        double[] edges = [.. Enumerable.Range(1, 15).Select(b => b / 15.0)];
        bool[] correct = [.. Enumerable.Range(1, 15).Select(b => b % 2 == 0)];
        var expected = edges.Zip(correct).Sum(pair => Math.Abs((pair.Second ? 1 : 0) - pair.First));

        Assert.Equal(100 * expected / 15, CalibrationError.Expected(edges, correct), 1e-12);
    }

    [Fact]
    public void Equals_the_definition_in_any_order() => Properties.ForAll(
        from n in Gen.Choose(1, 40)
        from bins in Gen.Choose(1, 20)
        from confidences in Gen.ArrayOf(Gen.Choose(0, 60).Select(i => i / 60.0), n)
        from correct in Gen.ArrayOf(Gen.Elements(true, false), n)
        select (bins, confidences, correct),
        drawn =>
        {
            var (bins, confidences, correct) = drawn;
            var samples = confidences.Zip(correct).ToArray();
            var expected = 0.0;
            for (var b = 0; b < bins; b++)
            {
                var inside = samples.Where(s => (s.First > b / (double)bins || b == 0) && s.First <= (b + 1) / (double)bins).ToArray();
                if (inside.Length > 0)
                    expected += inside.Length * Math.Abs(inside.Average(s => s.Second ? 1.0 : 0) - inside.Average(s => s.First)) / samples.Length;
            }

            var (ece, adaptive) = (CalibrationError.Expected(confidences, correct, bins), CalibrationError.Adaptive(confidences, correct, bins));

            Assert.Equal(100 * expected, ece, 1e-10);
            Assert.InRange(adaptive, 0, 100);
            double[] backwards = [.. confidences.Reverse()];
            bool[] flags = [.. correct.Reverse()];
            Assert.Equal(adaptive, CalibrationError.Adaptive(backwards, flags, bins), 1e-10);
            Assert.Equal(CalibrationError.Expected(confidences, correct, 1), CalibrationError.Adaptive(confidences, correct, 1), 1e-10);
        });

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CalibrationError.Expected([], []));
        Assert.Throws<ArgumentException>(() => CalibrationError.Expected([0.5], [true, false]));
        Assert.Throws<ArgumentException>(() => CalibrationError.Adaptive([double.NaN], [true]));
        Assert.Contains("Confidence 1 is 7", Assert.Throws<ArgumentException>(() => CalibrationError.Expected([0.5, 7], [true, true])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => CalibrationError.Adaptive([0.5], [true], 0));
        Assert.Throws<ArgumentException>(() => SoftmaxPredictions.FromLogits([1.0, 2, 3], [0, 1]));
        Assert.Throws<ArgumentException>(() => SoftmaxPredictions.FromLogits([1.0, 2], [2]));
        Assert.Throws<ArgumentException>(() => SoftmaxPredictions.FromLogits([1.0, double.NaN], [0]));
        Assert.Throws<ArgumentException>(() => SoftmaxPredictions.FromLogits(Array.Empty<float>(), []));
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        var predictions = SoftmaxPredictions.FromLogits([1e30f, 0, 0, 1e30f], [0, 0]);

        Assert.Equal([1, 1], predictions.Confidences);
        Assert.Equal([true, false], predictions.Correct);
        Assert.Equal(0.5e30f, predictions.NegativeLogLikelihood, 1e20);
    }
}
