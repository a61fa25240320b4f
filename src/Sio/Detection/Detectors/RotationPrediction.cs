using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;
using RotationPredictionObjective = Sio.Training.Objectives.RotationPrediction;

namespace Sio.Detection.Detectors;

/// <summary>
/// How far the classes' softmax is from the uniform distribution u, and how well the network sees by how much the image has been turned: KL(u ‖ p(x)) − Σ_r (−log q_r(x turned by r · 90°)) / 4, where q is the
/// second layer's softmax over the four rotations. Hendrycks et al. 2019, "Using Self-Supervised Learning Can Improve Model Robustness and Uncertainty", section 4, as the authors' code and OpenOOD compute it
/// (in bits, which changes no ranking; here in nats).
/// </summary>
/// <remarks>Three further passes over the images, those turned; the upright ones are in the bank.</remarks>
[CatalogEntry("rotpred", "sharpness of the softmax, and how well rotations are seen", Paper = "Hendrycks et al. 2019")]
public sealed class RotationPrediction : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.Images;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var objective = TrainedObjective.Of<RotationPredictionObjective>(this, bank);
        var model = bank.Images!.Model;
        var upright = RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var classes = bank.Logits.Rows(start, rows).log_softmax(1);
            return -classes.mean([1]) - Math.Log(classes.size(1)) - Quarter(objective, bank.Features.narrow(0, start, rows), 0);
        });
        var turned = BankPasses.Score(bank, images =>
        {
            var sum = torch.zeros([images.size(0)], dtype: ScalarType.Float64);
            for (var quarters = 1; quarters < RotationPredictionObjective.Rotations; quarters++)
                sum.add_(Quarter(objective, model.Forward(RotationPredictionObjective.Turned(images, quarters)).Features, quarters));
            return sum.to(ScalarType.Float32).ToArray<float>();
        });
        return [.. upright.Zip(turned, (one, other) => one - other)];
    }

    // −log q of the true rotation, over 4.
    private static Tensor Quarter(RotationPredictionObjective objective, Tensor features, int quarters)
    {
        var logits = objective.RotationLogits(features.to(objective.Layers.parameters().First().device)).cpu().to(ScalarType.Float64);
        return -logits.log_softmax(1).select(1, quarters) / RotationPredictionObjective.Rotations;
    }
}
