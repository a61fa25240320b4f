using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>MC-dropout, for which there are no reference values: in plain C# from the masks, and what must hold for any masks.</summary>
public sealed class McDropoutTests
{
    // f = (4, 2), W = (1, 0; 0, 1), b = 0, both features kept with probability 1/2: logits (8, 4), (8, 0), (0, 4) or (0, 0) by the mask.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var detector = new McDropout { Times = 64, P = 0.5 };
        using var bank = FeatureEdgeCases.Bank([4, 2], 2, [4, 2]);
        var score = Assert.Single(FeatureEdgeCases.Score(detector, bank, [1, 0, 0, 1], [0, 0], [4, 2], [4, 2]));
        var masks = detector.State.Tensor("masks").ToArray<float>().Chunk(2).ToArray();
        Assert.All(masks, mask => Assert.All(mask, value => Assert.Contains(value, new[] { 0f, 2f })));
        // Over all masks each feature is kept as often as p says.
        Assert.Equal([32, 32], new[] { masks.Count(mask => mask[0] > 0), masks.Count(mask => mask[1] > 0) });
        Assert.Equal(4, masks.Select(mask => (mask[0], mask[1])).Distinct().Count());
        var first = masks.Average(mask => 1 / (1 + Math.Exp((mask[1] * 2) - (mask[0] * 4))));
        Assert.Equal(Math.Max(first, 1 - first), score, 1e-6);
    }

    [Theory]
    [InlineData(PredictionMeasure.MaxProbability)]
    [InlineData(PredictionMeasure.Entropy)]
    [InlineData(PredictionMeasure.MutualInformation)]
    [InlineData(PredictionMeasure.Energy)]
    [InlineData(PredictionMeasure.MeanLogits)]
    public void Scores_are_those_of_a_plain_loop(PredictionMeasure measure)
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = PosthocReference.Bank("near");
        using var detector = new McDropout { P = 0.3, Times = 7, Seed = 5, Measure = measure };
        detector.Fit(fit);
        var (weight, bias) = (fit.HeadWeight.ToArray<float>().Chunk(64).ToArray(), fit.HeadBias.ToArray<float>());
        var masks = detector.State.Tensor("masks").ToArray<float>().Chunk(64).ToArray();
        Assert.Equal(7, masks.Length);
        var expected = bank.Features.ToArray<float>().Chunk(64).Select(feature =>
        {
            var logits = masks.Select(mask => weight.Select((row, c) => bias[c] + row.Select((w, j) => (double)w * mask[j] * feature[j]).Sum()).ToArray()).ToArray();
            var each = logits.Select(Softmax).ToArray();
            double[] mean = [.. Enumerable.Range(0, 10).Select(c => each.Average(p => p[c]))];
            return measure switch
            {
                PredictionMeasure.MaxProbability => mean.Max(),
                PredictionMeasure.Entropy => mean.Sum(p => p * Math.Log(p)),
                PredictionMeasure.MutualInformation => mean.Sum(p => p * Math.Log(p)) - each.Average(own => own.Sum(p => p * Math.Log(p))),
                PredictionMeasure.Energy => logits.Average(row => Math.Log(row.Sum(Math.Exp))),
                _ => Softmax([.. Enumerable.Range(0, 10).Select(c => logits.Average(row => row[c]))]).Max(),
            };
        });
        Assert.All(expected.Zip(detector.Score(bank)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Every_hyper_parameter_matters() => PosthocReference.AssertSettingMatters(
        "mc_dropout", "mc_dropout.p=0.2", "mc_dropout.times=49", "mc_dropout.seed=1", "mc_dropout.measure=entropy", "mc_dropout.measure=mutual_information", "mc_dropout.measure=energy",
        "mc_dropout.measure=mean_logits");

    [Fact]
    public void Without_dropout_it_is_the_softmax()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = PosthocReference.Bank("id");
        using var detector = new McDropout { P = 0, Times = 3 };
        using var msp = new Msp();
        detector.Fit(fit);
        Assert.All(msp.Score(bank).Zip(detector.Score(bank)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        using var disagreement = new McDropout { P = 0, Times = 3, Measure = PredictionMeasure.MutualInformation };
        disagreement.Fit(fit);
        Assert.All(disagreement.Score(bank), score => Assert.InRange(score, -1e-7f, 0f));
    }

    // Half of an even number of masks keeps each feature, doubled: the mean logits are the network's.
    [Fact]
    public void Mean_logits_are_those_without_dropout()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = PosthocReference.Bank("id");
        using var detector = new McDropout { Times = 10, Measure = PredictionMeasure.MeanLogits };
        using var msp = new Msp();
        detector.Fit(fit);
        Assert.All(msp.Score(bank).Zip(detector.Score(bank)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    // Kept with probability 1 − p and then divided by it: on average a mask changes nothing.
    [Fact]
    public void A_share_of_the_features_is_dropped()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var detector = new McDropout { P = 0.8, Times = 2000 };
        detector.Fit(fit);
        var masks = detector.State.Tensor("masks").ToArray<float>();
        Assert.Equal(0.8, masks.Average(value => value == 0 ? 1.0 : 0), 1e-9);
        Assert.Equal(1, masks.Average(value => (double)value), 1e-6);

        // No mask is like another: of 64 features 12.8 are kept in the mean, give or take 3.2, so that the mean of 2,000 such numbers' squares is 163.84 + 10.24.
        Assert.InRange(masks.Chunk(64).Average(mask => Math.Pow(mask.Count(value => value > 0), 2)), 172, 176);
        Assert.All(masks.Where(value => value > 0).Take(9), value => Assert.Equal(5, value, 1e-5f));
    }

    [Fact]
    public void An_images_score_depends_on_the_image_and_the_seed_alone()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var near = PosthocReference.Bank("near");
        // 70,000 rows are more than one block.
        using var repeated = RepeatedBank.Of(near, 140);
        using var detector = new McDropout { Times = 3 };
        using var again = new McDropout { Times = 3 };
        detector.Fit(fit);
        again.Fit(fit);
        var once = detector.Score(near);
        Assert.Equal(once, again.Score(near));
        Assert.Equal(Enumerable.Repeat(once, 140).SelectMany(scores => scores), detector.Score(repeated));
    }

    [Fact]
    public void Sets_at_the_edge_get_numbers() => FeatureEdgeCases.AssertFiniteScores("mc_dropout", "mc_dropout.times=5");

    [Theory]
    [InlineData(1.0, 5)]
    [InlineData(-0.1, 5)]
    [InlineData(double.NaN, 5)]
    [InlineData(0.5, 0)]
    public void Values_out_of_range_are_refused(double p, int times)
    {
        using var toy = new ToyBanks();
        using var detector = new McDropout { P = p, Times = times };
        Assert.StartsWith("mc_dropout: ", Assert.Throws<DetectionException>(() => detector.Fit(toy.Fit)).Message, StringComparison.Ordinal);
    }

    private static double[] Softmax(double[] logits)
    {
        var powers = Array.ConvertAll(logits, logit => Math.Exp(logit - logits.Max()));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }
}
