using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class TempScaleTests
{
    [Theory]
    [InlineData("tempscale_opt")]
    [InlineData("tempscale_opt", "tempscale.fit=exact")]
    [InlineData("tempscale", "tempscale.fit=openood10")]
    public void Scores_are_the_originals(string row, params string[] settings) => PosthocReference.AssertScores("tempscale", row, 3e-6, settings);

    [Fact]
    public void The_setting_matters() => PosthocReference.AssertSettingMatters("tempscale", "tempscale.fit=openood10");

    [Theory]
    [InlineData(TemperatureFit.Exact, 1.0300854343476455, 1e-7)]
    [InlineData(TemperatureFit.Openood10, 1.23367178440094, 1e-6)]
    public void Temperatures_are_the_originals(TemperatureFit how, double expected, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var validation = PosthocReference.Bank("val");
        using var detector = Fitted(validation, how);
        Assert.Equal(expected, detector.State.Number("temperature"), tolerance);
    }

    [Theory]
    [InlineData(TemperatureFit.Exact, 1e-9)]
    [InlineData(TemperatureFit.Openood10, 1e-5)]
    public void Blocks_do_not_change_the_temperature(TemperatureFit how, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var validation = PosthocReference.Bank("val");
        using var repeated = RepeatedBank.Of(validation, 9);
        using var once = Fitted(validation, how);
        using var often = Fitted(repeated, how);
        Assert.Equal(once.State.Number("temperature"), often.State.Number("temperature"), tolerance);
    }

    // The reference's minimiser is good to about 1e-8 only, since it compares losses; at the true one the loss has no slope.
    [Fact]
    public void At_the_fitted_temperature_the_loss_has_no_slope()
    {
        using var scope = NewDisposeScope();
        using var validation = PosthocReference.Bank("val");
        using var detector = Fitted(validation);
        var temperature = detector.State.Number("temperature");
        var slope = validation.Logits.ToArray<float>().Chunk(10).Zip(validation.Labels, (row, label) =>
        {
            var powers = Array.ConvertAll(row, logit => Math.Exp(logit / temperature));
            return (powers.Zip(row, (power, logit) => power * logit).Sum() / powers.Sum()) - row[label];
        }).Average();
        Assert.Equal(0, slope, 1e-12);
    }

    // Two classes, three of four images right, all with the logits (z, 0) or (0, z): the best probability of the larger is 3/4, so z/T = ln 3.
    [Theory]
    [InlineData(1f)]
    [InlineData(8f)]
    public void The_minimum_is_found_where_it_can_be_computed(float z)
    {
        using var scope = NewDisposeScope();
        using var validation = Bank([z, 0, 0, z, 0, z, 0, z], 0, 1, 1, 0);
        using var detector = Fitted(validation);
        Assert.Equal(z / Math.Log(3), detector.State.Number("temperature"), 1e-9);
        using var bank = Bank([0, z], 1);
        Assert.Equal(0.75, Assert.Single(detector.Score(bank)), 1e-6);
    }

    [Fact]
    public void Without_a_minimum_the_temperature_stays_in_its_range()
    {
        using var scope = NewDisposeScope();
        using var right = Bank([5, 0], 0);
        using var wrong = Bank([5, 0], 1);
        using var constant = Bank([3, 3, 3, 3], 0, 1);
        Assert.Equal(0.05, Temperature(right));
        Assert.Equal(20, Temperature(wrong));
        Assert.InRange(Temperature(constant), 0.05, 20);

        static double Temperature(FeatureBank validation)
        {
            using var detector = Fitted(validation);
            Assert.All(detector.Score(validation), score => Assert.InRange(score, 0.5f, 1));
            return detector.State.Number("temperature");
        }
    }

    // The loss does not depend on T, so L-BFGS ends where it began.
    [Fact]
    public void The_peers_fit_stops_where_there_is_no_slope()
    {
        using var scope = NewDisposeScope();
        using var constant = Bank([3, 3, 3, 3], 0, 1);
        using var detector = Fitted(constant, TemperatureFit.Openood10);
        Assert.Equal(1.5, detector.State.Number("temperature"));
    }

    [Theory]
    [InlineData(0, 0.05, "every validation image is classified right")]
    [InlineData(1, 20, "hardly better than guessing")]
    public void A_temperature_at_the_bound_of_the_search_is_said(int label, double expected, string why)
    {
        using var scope = NewDisposeScope();
        using var bank = Bank([5, 0, 4, 0], label, label);
        using var detector = Fitted(bank);
        Assert.Equal(expected, detector.State.Number("temperature"));
        Assert.Contains(why, Assert.Single(detector.State.Warnings), StringComparison.Ordinal);

        // One fit more, to images with a minimum, and it is forgotten.
        using var usual = Bank([5, 0, 4, 0, 1, 0], 0, 0, 1);
        detector.Fit(new DetectorFit(null, torch.zeros([2, 1]), torch.zeros([2]), usual));
        Assert.Empty(detector.State.Warnings);
    }

    [Fact]
    public void A_class_missing_from_the_validation_set_is_no_matter()
    {
        using var scope = NewDisposeScope();
        using var validation = new FeatureBank("bank", torch.zeros([2, 1]), torch.tensor(new float[] { 2, 0, 1, 0, 2, 1 }, [2, 3]), [0, 0]);
        using var detector = new TempScale();
        detector.Fit(new DetectorFit(null, torch.zeros([3, 1]), torch.zeros([3]), validation));
        Assert.All(detector.Score(validation), score => Assert.InRange(score, 0f, 1f));
    }

    [Fact]
    public void Labels_that_are_no_classes_and_empty_sets_are_refused()
    {
        using var scope = NewDisposeScope();
        using var outside = Bank([1, 2, 3, 4], 0, -1);
        using var beyond = Bank([1, 2], 2);
        using var empty = Bank([]);
        Assert.Contains("image 1", Assert.Throws<DetectionException>(() => Fitted(outside)).Message, StringComparison.Ordinal);
        Assert.Contains("label 2", Assert.Throws<DetectionException>(() => Fitted(beyond)).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<DetectionException>(() => Fitted(empty)).Message, StringComparison.Ordinal);
    }

    private static TempScale Fitted(FeatureBank validation, TemperatureFit how = TemperatureFit.Exact)
    {
        var detector = new TempScale { FitMethod = how };
        detector.Fit(new DetectorFit(null, torch.zeros([validation.Logits.size(1), validation.Features.size(1)]), torch.zeros([validation.Logits.size(1)]), validation));
        return detector;
    }

    private static FeatureBank Bank(float[] logits, params int[] labels) =>
        new("bank", torch.zeros([labels.Length, 1]), torch.tensor(logits, [labels.Length, 2]), labels);
}
