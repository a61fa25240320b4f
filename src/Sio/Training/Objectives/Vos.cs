using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// VOS (Du et al. 2022, "VOS: Learning What You Don't Know by Virtual Outlier Synthesis", section 3): cross-entropy, plus a regulariser that tells images from virtual outliers by their energy. The
/// latest features of each class give normal distributions with a tied covariance; of many draws from each, the least likely are the outliers v. With
/// E(z) = log Σ_c max(w_c, 0) e^(z_c), w learnt, a logistic layer classifies E of the images' logits against E of the outliers' logits, and its cross-entropy is added with a weight.
/// </summary>
/// <remarks>
/// The authors' values: 1000 features per class, 1 outlier of 10000 draws, weight 0.1, start after 40 of 100 epochs, 10⁻⁴ added to the covariance's diagonal. OpenOOD's and SIO's
/// recipes have the same, but start at once (<c>start</c> 0). Before all queues are full there is nothing to draw from. The authors score with the plain energy of the logits: detector
/// <c>ebo</c>. OpenOOD's code cuts the energies' gradients off, bounds them by −1 from below and draws w anew for each call, so that the regulariser trains the logistic layer only
/// (<c>detached</c>). On a linear last layer E is convex in the features, so that the mean of E over draws far from a class's mean is never below E at that mean: outliers
/// can be told by a higher E, where E is curved, hardly by a lower one. The least likely of 10000 draws lie √(χ²/D) times as far out as images do: 2.4 times in 4 dimensions, 1.3 times in 84, 1.1 times in
/// 512; so the regulariser does more in fewer dimensions. In the project's trials (290 steps on Fashion-MNIST, weight 1) it parted the energies of images and virtual outliers with 4
/// features (AUROC 39 against 45 without it, mean of 3 seeds), not with LeNet's 84 (48 to 54 with and without); and those of known and unseen classes in a small network of 2 to 32 features (5 to 7 points
/// more than without), not clearly in LeNet (1 point, 6 seeds, at weight 0.1). A weight of 5 made training diverge.
/// </remarks>
[CatalogEntry("vos", "VOS: images are told by their energy from unlikely draws of each class's features", Paper = "Du et al. 2022")]
[DefaultsFrom("the authors' code, for CIFAR")]
public sealed class Vos : Objective
{
    private const string WeightsName = "weights";

    private const double Ridge = 1e-4, SmallestSum = 1e-30, PeersBound = -1;

    private FeatureQueue? _queue;

    private Linear? _logistic;

    /// <summary>Weight of the regulariser.</summary>
    [Describe("Weight of the regulariser.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 0.1;

    /// <summary>S.</summary>
    [Describe("Features per class that the distributions are fitted on.")]
    [Range(1, 1_000_000)]
    public int SampleNumber { get; init; } = 1000;

    /// <summary>Draws per class.</summary>
    [Describe("Draws per class and step.")]
    [Range(1, 100_000_000)]
    public int SampleFrom { get; init; } = 10_000;

    /// <summary>Outliers per class.</summary>
    [Describe("How many of the draws, the least likely ones, are outliers.")]
    [Range(1, 1_000_000)]
    public int Select { get; init; } = 1;

    /// <summary>Share of the training before the regulariser begins.</summary>
    [Describe("Share of the training before the regulariser begins.")]
    [Range(0.0, 1.0)]
    public double Start { get; init; } = 0.4;

    /// <summary>OpenOOD's form.</summary>
    [Describe("Whether energies are cut off from the network, bounded by -1 and weighted at random, as in OpenOOD's code.")]
    public bool Detached { get; init; }

    /// <inheritdoc/>
    public override string OwnDetector => "ebo";

    /// <summary>Refuses a training in which the regulariser never acts, which would be plain cross-entropy, and tells of one in which filling the queues leaves it less than half of its time.</summary>
    /// <inheritdoc/>
    public override string? CheckLabels(IEnumerable<long[]> batches, int classes, long steps)
    {
        ArgumentNullException.ThrowIfNull(batches);
        StartStep.Refuse(Name, Start, steps);
        var (seen, full, step) = (new long[classes], 0, 0L);
        foreach (var batch in batches)
        {
            full += batch.Count(label => ++seen[label] == SampleNumber);
            if (full == classes)
                return Told(step, steps);
            step++;
        }

        var rarest = Array.IndexOf(seen, seen.Min());
        throw new DataException(ImageSet.Text(
            $"{Name}: class {rarest} comes up {seen[rarest]} times in {steps} steps, which never fills its queue of {SampleNumber} features, so that this would be plain cross-entropy: set objective.settings.sample_number to less (images of weight 0 are not counted)"));
    }

    // The batch that fills the queues is the first with outliers.
    private string? Told(long filled, long steps)
    {
        var (planned, real) = (steps - StartStep.First(Start, steps), steps - filled);
        return real >= planned / 2.0
            ? null
            : ImageSet.Text($"{Name}: the queues of {SampleNumber} features per class are full after step {filled + 1} of {steps} only, so that the regulariser acts in {real} steps; a smaller objective.settings.sample_number lets it begin sooner");
    }

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (Select > SampleFrom)
            throw new DataException($"{Name}: select is {Select}, of the {SampleFrom} draws of sample_from");
        var classes = network.Shape.Classes;
        _queue = Layers.Register("queue", new FeatureQueue(classes, SampleNumber, network.FeatureSize));
        Layers.RegisterParameter(WeightsName, torch.empty([1, classes]).uniform_(0, 1, generator: generator));
        _logistic = Layers.Register("logistic", new Linear(1, 2, generator: generator));
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features();
        var logits = step.Logits(features);
        var classes = step.CrossEntropy(logits, step.Labels);
        using (no_grad())
            Collect(features.detach(), step);
        if (step.Step < StartStep.First(Start, step.TotalSteps) || !_queue!.IsFull)
            return new ObjectiveLoss(classes, logits) { Parts = [("cross_entropy", classes)] };
        var outliers = Outliers(step.Random).to(features.dtype);
        var uncertainty = Uncertainty(step, Energy(logits, step.Random), Energy(step.Logits(outliers), step.Random));
        return new ObjectiveLoss(classes + (uncertainty * Weight), logits) { Parts = [("cross_entropy", classes), ("uncertainty", uncertainty)] };
    }

    // Images of weight 0 say nothing of their class.
    private void Collect(Tensor features, ObjectiveStep step)
    {
        if (step.Weights is not { } weights)
        {
            _queue!.Add(features, step.Labels);
            return;
        }

        var places = weights.nonzero().squeeze(1);
        _queue!.Add(features.index_select(0, places), step.Labels.index_select(0, places));
    }

    /// <summary>Virtual outliers [C·select, D] float64.</summary>
    internal Tensor Outliers(Generator random)
    {
        using var noGrad = no_grad();
        return FeatureGaussians.Of(_queue!.Features, Ridge).LeastLikely(SampleFrom, Select, random);
    }

    /// <summary>Energies [n] of logits [n,C] with weights [1,C]: log Σ_c max(w_c, 0) e^(z_c).</summary>
    internal static Tensor Energy(Tensor logits, Tensor weights)
    {
        // The largest logit only keeps the powers small: its gradient would cancel out.
        var largest = logits.detach().amax([1], keepdim: true);
        return largest.squeeze(1) + (weights.relu() * (logits - largest).exp()).sum(1).clamp(min: SmallestSum).log();
    }

    /// <summary>OpenOOD's form of energies.</summary>
    internal static Tensor PeersEnergy(Tensor logits, Tensor weights) => Energy(logits.detach(), weights.detach()).clamp(min: PeersBound);

    /// <summary>Cross-entropy [n] of a logistic layer on energies [n], all of images (class 1) or all of outliers (class 0).</summary>
    internal static Tensor Separation(Tensor energies, Tensor weight, Tensor bias, bool images) =>
        -nn.functional.linear(energies.unsqueeze(1), weight, bias).log_softmax(1).select(1, images ? 1 : 0);

    private Tensor Energy(Tensor logits, Generator random)
    {
        if (!Detached)
            return Energy(logits, Layers.get_parameter(WeightsName)!);
        // The first weights of a linear layer with C inputs.
        var bound = 1 / Math.Sqrt(logits.size(1));
        return PeersEnergy(logits, torch.empty([1, logits.size(1)]).uniform_(-bound, bound, generator: random).to(logits.device));
    }

    // The mean over images and outliers, in which images count as the recipe says.
    private Tensor Uncertainty(ObjectiveStep step, Tensor own, Tensor outliers)
    {
        var (weight, bias) = (_logistic!.weight, _logistic.bias!);
        var sum = (step.Mean(Separation(own, weight, bias, images: true)) * step.Count) + Separation(outliers, weight, bias, images: false).sum();
        return sum / (step.Count + outliers.size(0));
    }
}
