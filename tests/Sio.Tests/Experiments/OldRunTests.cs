using Sio.Experiments;
using Sio.Experiments.Results;
using Sio.Recipes;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments;

/// <summary>A run that version 0.1.0 trained and evaluated, on another LibTorch, is read and evaluated as it was.</summary>
public sealed class OldRunTests : IDisposable
{
    // Float noise may exchange two scores that all but tie: of 12,000 pairs per image one moves AUROC by 1e-4 at most, and an image on the threshold moves FPR@95 by 0.025.
    private const double Auroc = 0.01, Rate = 0.06;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_of_the_engine_before_gives_the_same_figures()
    {
        var fixture = new RunFolder(Path.Combine(AppContext.BaseDirectory, "Fixtures", "run-0.1.0"));
        var expected = Assert.Single(Assert.Single(ResultsFile.Read(fixture.ResultsPath).Arms).Runs);
        var run = Run.Prepare(RecipeReader.Read<Recipe>(fixture.RecipePath));
        var actual = Evaluator.Evaluate(run, fixture, new EvaluationOptions { Output = _folder.File("out") });
        Assert.Equal(expected.Accuracy, actual.Accuracy, 0.02);
        Assert.Equal(expected.Detectors.Keys.Order(), actual.Detectors.Keys.Order());
        foreach (var (name, figures) in expected.Detectors)
        {
            foreach (var (set, value) in figures.Sets)
            {
                var now = actual.Detectors[name].Sets[set];
                Assert.InRange(now.Auroc, value.Auroc - Auroc, value.Auroc + Auroc);
                Assert.InRange(now.Fpr95, value.Fpr95 - Rate, value.Fpr95 + Rate);
            }
        }
    }
}
