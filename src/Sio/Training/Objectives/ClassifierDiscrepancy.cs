using System.ComponentModel.DataAnnotations;
using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// MCD (Yu &amp; Aizawa 2019, "Unsupervised Out-of-Distribution Detection by Maximum Classifier Discrepancy", section 3): two linear layers on the same features both learn the classes. Towards the
/// end of training, auxiliary images without labels, some of which may be in distribution, are to be judged differently by the two:
/// λ·max(m − mean(H(p₁) − H(p₂)), 0) is added, H being the entropy, so that one layer's answer becomes flat and the other's sharp where labelled images do not hold them together.
/// </summary>
/// <remarks>
/// The first layer is the network's own. m = 1.2 is the paper's; λ = 1 and the beginning after 90 of 100 epochs are OpenOOD's, whose entropy runs over the batch in place of the classes, by a
/// wrong dimension. The authors fine-tune a trained network at a learning rate of 0.001, which a cosine schedule comes near to at its end. Images and auxiliary images go through the network
/// together, so that batch norm normalises in training as it will in evaluation; with the authors it sees them in turns.
/// </remarks>
[CatalogEntry("mcd", "MCD: two last layers, made to differ on auxiliary images", Paper = "Yu & Aizawa 2019")]
[DefaultsFrom("margin of the paper; weight and start of OpenOOD")]
public sealed class ClassifierDiscrepancy : Objective
{
    private Linear? _second;

    /// <summary>λ.</summary>
    [Describe("Weight lambda of the auxiliary images' part.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 1;

    /// <summary>m.</summary>
    [Describe("Margin m: the difference of entropies that is enough.")]
    [Range(0.0, 1e3)]
    public double Margin { get; init; } = 1.2;

    /// <summary>Share of the training before the auxiliary images come in.</summary>
    [Describe("Share of the training before the auxiliary images come in.")]
    [Range(0.0, 1.0)]
    public double Start { get; init; } = 0.9;

    /// <summary>Auxiliary batch.</summary>
    [Describe("Auxiliary images per batch.")]
    [Range(1, 1_000_000)]
    public int AuxiliaryBatchSize { get; init; } = 128;

    /// <inheritdoc/>
    public override int AuxiliaryPerBatch => AuxiliaryBatchSize;

    /// <inheritdoc/>
    public override string OwnDetector => "mcd";

    /// <summary>Logits [N,C] of the second layer.</summary>
    public Tensor SecondLogits(Tensor features) => (_second ?? throw new InvalidOperationException($"{Name} belongs to no network yet")).call(features);

    /// <summary>Refuses a training that ends before the auxiliary images come in.</summary>
    /// <inheritdoc/>
    public override string? CheckLabels(IEnumerable<long[]> batches, int classes, long steps)
    {
        StartStep.Refuse(Name, Start, steps);
        return null;
    }

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        _second = Layers.Register("second", new Linear(network.FeatureSize, network.Shape.Classes, generator: generator));
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var tuning = step.Step >= StartStep.First(Start, step.TotalSteps);
        var features = step.Features(step.Images, tuning ? step.Auxiliary : null);
        var (first, second) = (step.Logits(features), SecondLogits(features));
        var (own, ownSecond) = (first.narrow(0, 0, step.Count), second.narrow(0, 0, step.Count));
        var classes = step.CrossEntropy(own, step.Labels) + step.CrossEntropy(ownSecond, step.Labels);
        if (!tuning)
            return new ObjectiveLoss(classes, own) { Parts = [("cross_entropy", classes)] };
        var others = first.size(0) - step.Count;
        var lacking = Lacking(first.narrow(0, step.Count, others), second.narrow(0, step.Count, others));
        return new ObjectiveLoss(classes + (lacking * Weight), own) { Parts = [("cross_entropy", classes), ("auxiliary", lacking)] };
    }

    /// <summary>max(m − mean(H(p₁) − H(p₂)), 0) of the logits [n,C] of the two layers.</summary>
    internal Tensor Lacking(Tensor first, Tensor second) => (Margin - (Entropy(first) - Entropy(second)).mean()).relu();

    private static Tensor Entropy(Tensor logits)
    {
        var logProbabilities = logits.log_softmax(1);
        return -(logProbabilities.exp() * logProbabilities).sum(1);
    }
}
