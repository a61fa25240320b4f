using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using static TorchSharp.torch;
using ConfidenceBranchObjective = Sio.Training.Objectives.ConfidenceBranch;

namespace Sio.Detection.Detectors;

/// <summary>
/// The confidence c that a network has learnt beside its classes: log c, on request of an image moved a little towards more confidence, x′ = x + ε · sign(∂ log c/∂x) / d. DeVries &amp; Taylor 2018, "Learning
/// Confidence for Out-of-Distribution Detection in Neural Networks", sections 2 and 3.
/// </summary>
/// <remarks>
/// The logarithm ranks as c does, but does not round confidences near 1 to the same number. d is the standard deviation of the network's normalisation, so that ε is a step in pixel values
/// from 0 to 1. ε = 0 is OpenOOD's; the authors' code has a step of 0.001.
/// </remarks>
[CatalogEntry("conf_branch", "the confidence that a branch of the network has learnt", Paper = "DeVries & Taylor 2018")]
public sealed class ConfidenceBranch : Detector
{
    /// <summary>ε, at least 0 and finite.</summary>
    [Describe("Length of the step ε per pixel value, on the scale 0 to 1; 0 for none.")]
    [Range(0.0, 1e6)]
    public double Noise { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Images | (Noise > 0 ? DetectorNeeds.InputGradient : DetectorNeeds.None);

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        InputSteps.RefuseOdin(Name, 1, Noise);
        var objective = TrainedObjective.Of<ConfidenceBranchObjective>(this, bank);
        if (Noise == 0)
            return RowBlocks.Score(bank.Count, (start, rows) => LogConfidence(objective, bank.Features.narrow(0, start, rows)));
        var model = bank.Images!.Model;
        return BankPasses.Score(bank, images =>
        {
            var (gradient, _, _) = InputSteps.Gradient(model, images, (_, features) => LogConfidence(objective, features).sum());
            return LogConfidence(objective, model.Forward(images + InputSteps.Along(Name, model, gradient, Noise)).Features).ToArray<float>();
        });
    }

    private static Tensor LogConfidence(ConfidenceBranchObjective objective, Tensor features) =>
        -ConfidenceBranchObjective.MinusLog(objective.ConfidenceLogit(features.to(objective.Layers.parameters().First().device)));
}
