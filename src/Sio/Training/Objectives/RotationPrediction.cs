using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// RotPred (Hendrycks et al. 2019, "Using Self-Supervised Learning Can Improve Model Robustness and Uncertainty", section 4): each image also goes through the network turned by 90, 180 and 270 degrees,
/// and a second linear layer on the features tells the four apart; its cross-entropy, the mean over all four, is added to that of the classes, which sees upright images only.
/// </summary>
/// <remarks>Weight 1 is OpenOOD's. A step costs four passes. The paper's network also predicts shifts, which OpenOOD leaves out, too.</remarks>
[CatalogEntry("rotpred", "RotPred: a second layer tells by how much an image has been turned", Paper = "Hendrycks et al. 2019")]
[DefaultsFrom("OpenOOD")]
public sealed class RotationPrediction : Objective
{
    /// <summary>How many rotations there are.</summary>
    public const int Rotations = 4;

    private Linear? _rotation;

    /// <summary>Weight of the rotations' part.</summary>
    [Describe("Weight of the rotations' part.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 1;

    /// <inheritdoc/>
    public override string OwnDetector => "rotpred";

    /// <summary>Logits [N,4] of the rotation, by features [N,D].</summary>
    public Tensor RotationLogits(Tensor features) => (_rotation ?? throw new InvalidOperationException($"{Name} belongs to no network yet")).call(features);

    /// <summary>Images [N,C,S,S] turned counter-clockwise.</summary>
    /// <param name="images">The images.</param>
    /// <param name="quarters">How often by 90 degrees.</param>
    public static Tensor Turned(Tensor images, int quarters) => images.rot90(quarters, (2, 3));

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Shape.Height != network.Shape.Width)
            throw new DataException($"{Name} needs square images: turned by 90 degrees, {network.Shape.Height}×{network.Shape.Width} are of another size");
        _rotation = Layers.Register("rotation", new Linear(network.FeatureSize, Rotations, generator: generator));
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features(torch.cat([.. Enumerable.Range(0, Rotations).Select(quarters => Turned(step.Images, quarters))]));
        var logits = step.Logits(features.narrow(0, 0, step.Count));
        var classes = step.CrossEntropy(logits, step.Labels);
        var rotations = step.Mean(MinusLog(RotationLogits(features), step.Count));
        return new ObjectiveLoss(classes + (rotations * Weight), logits) { Parts = [("cross_entropy", classes), ("rotation", rotations)] };
    }

    /// <summary>−log of the true rotation's probability, [4·N], of logits [4·N,4] of N images four times, each time turned once more.</summary>
    internal static Tensor MinusLog(Tensor logits, int count)
    {
        long[] quarters = [.. Enumerable.Range(0, Rotations).SelectMany(quarter => Enumerable.Repeat((long)quarter, count))];
        return -logits.log_softmax(1).gather(1, torch.tensor(quarters, [quarters.Length, 1]).to(logits.device)).squeeze(1);
    }
}
