using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class ResidualTests
{
    [Fact]
    public void Scores_are_the_originals_fitted_on_the_training_images() => PosthocReference.AssertScores("residual", "residual_train", 7e-4);

    [Fact]
    public void Scores_are_the_originals_fitted_on_validation_images() =>
        PosthocReference.AssertScores("residual", "residual", 7e-4, "residual.fit_on=validation");

    [Fact]
    public void Settings_matter() => PosthocReference.AssertSettingMatters("residual", "residual.dim=20", "residual.fit_on=validation");

    [Fact]
    public void It_needs_the_set_it_is_told_to_fit_on()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 20, 3, 2);
        using var onTrain = new Residual();
        using var onValidation = new Residual { FitOn = ResidualFitSet.Validation };
        onTrain.Fit(RowBanks.Fit(train));
        Assert.Contains("validation", Assert.Throws<DetectionException>(() => onValidation.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
        onValidation.Fit(RowBanks.Fit(train) with { Train = null, Validation = train });
        Assert.Equal(onTrain.Score(train), onValidation.Score(train));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_dimension_that_leaves_no_residual_is_refused(int dimension)
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 20, 3, 2);
        using var residual = new Residual { Dim = dimension };
        Assert.Contains($"dim = {dimension}", Assert.Throws<DetectionException>(() => residual.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    // The features lie on one line through the origin u of a head without bias: nothing of them is left, all of what is perpendicular.
    [Fact]
    public void Constant_features_leave_what_differs()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([.. Enumerable.Repeat(new[] { 3f, 4f }, 9)], new int[9], 2);
        using var test = RowBanks.Of([[3, 4], [6, 8], [-4, 3]], new int[3], 2);
        using var residual = new Residual { Dim = 1 };
        residual.Fit(new DetectorFit(train, torch.eye(2), torch.zeros([2])));
        var scores = residual.Score(test);
        Assert.Equal(0, scores[0], 1e-6);
        Assert.Equal(0, scores[1], 1e-6);
        Assert.Equal(-5, scores[2], 1e-6);
    }

    [Fact]
    public void One_image_and_more_classes_than_features_are_scored()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 1, 3, 7);
        using var residual = new Residual();
        residual.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(residual.Score(train))));
    }
}
