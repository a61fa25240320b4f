using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>What detectors may fit on.</summary>
/// <param name="Train">Training images without augmentation; null where there are none.</param>
/// <param name="HeadWeight">Weight of the last layer, [C,D].</param>
/// <param name="HeadBias">Bias of the last layer, [C].</param>
/// <param name="Validation">In-distribution validation images; null where there are none.</param>
public sealed record DetectorFit(FeatureBank? Train, Tensor HeadWeight, Tensor HeadBias, FeatureBank? Validation = null)
{
    /// <summary>Why no linear last layer is known; null where it is known. Without it, <see cref="HeadWeight"/> and <see cref="HeadBias"/> have its sizes and values that are no numbers.</summary>
    public string? NoHead { get; init; }

    /// <summary>What to fit on where no linear last layer is known.</summary>
    /// <param name="train">Training images; null where there are none.</param>
    /// <param name="features">D.</param>
    /// <param name="classes">C.</param>
    /// <param name="validation">Validation images; null where there are none.</param>
    /// <param name="reason">Why, to be read after "needs the linear last layer,".</param>
    public static DetectorFit WithoutHead(FeatureBank? train, long features, long classes, FeatureBank? validation, string reason) =>
        new(train, torch.full([classes, features], float.NaN, dtype: ScalarType.Float32), torch.full([classes], float.NaN, dtype: ScalarType.Float32), validation) { NoHead = reason };
}

/// <summary>
/// Tells in-distribution images from others by a score: <b>higher means more in-distribution</b>. A class in <c>Detectors/</c> with a
/// <see cref="CatalogEntryAttribute"/> is found by its name; there is no list to keep. Its hyper-parameters are its public init
/// properties, each with a <see cref="DescribeAttribute"/> and, where a search makes sense, a <see cref="GridAttribute"/>;
/// <c>--set detector.key=value</c> sets them.
/// </summary>
/// <remarks>
/// What <see cref="Fit"/> learns goes into <see cref="State"/> and nowhere else: so every detector can be saved and loaded, and frees what it
/// holds. <see cref="Fit"/> checks what <see cref="Needs"/> says before <see cref="FitCore"/> runs.
/// </remarks>
public abstract class Detector : IDisposable
{
    /// <summary>What the detector works on.</summary>
    public abstract DetectorNeeds Needs { get; }

    /// <summary>What has been fitted.</summary>
    public FittedState State { get; } = new();

    /// <summary>The name recipes know it by.</summary>
    public string Name => Catalog<Detector>.NameOf(this);

    /// <summary>Whether scores depend on features and logits alone.</summary>
    internal bool ScoresRows => (Needs & (DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps | DetectorNeeds.Images)) == 0;

    /// <summary>Whether <see cref="Fit"/> must come before <see cref="Score"/>.</summary>
    public bool NeedsFit => (Needs & (DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet | DetectorNeeds.Head)) != 0;

    /// <summary>Learns from in-distribution images, and forgets what was learnt before. Does nothing for detectors that need nothing.</summary>
    /// <exception cref="DetectionException">A set that is needed is missing or too small, sizes do not fit, or a hyper-parameter is out of range.</exception>
    public void Fit(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (Needs.HasFlag(DetectorNeeds.TrainingSet) && fit.Train is null)
            throw new DetectionException($"{Name}: needs the training set to fit on, and there is none");
        if (Needs.HasFlag(DetectorNeeds.ValidationSet) && fit.Validation is null)
            throw new DetectionException($"{Name}: needs a validation set to fit on, and there is none");
        if (Needs.HasFlag(DetectorNeeds.Head) && fit.NoHead is { } reason)
            throw new DetectionException($"{Name}: needs the linear last layer, {reason}");
        foreach (var bank in new[] { fit.Train, fit.Validation })
        {
            if (bank is not null)
            {
                CheckSizes(bank, fit.HeadWeight.size(1), fit.HeadWeight.size(0));
                CheckRange(bank);
            }
        }

        // Feature maps are in no bank: what is fitted on must come with its images, too.
        if (Needs.HasFlag(DetectorNeeds.FeatureMaps | DetectorNeeds.TrainingSet))
            RefuseWithoutImages(fit.Train!);
        if (Needs.HasFlag(DetectorNeeds.FeatureMaps | DetectorNeeds.ValidationSet))
            RefuseWithoutImages(fit.Validation!);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        State.Clear();
        State.SetSizes(fit.HeadWeight.size(1), fit.HeadWeight.size(0));
        FitCore(fit);
        State.IsFitted = true;
    }

    /// <summary>Scores every image of a bank.</summary>
    /// <returns>[N], higher means more in-distribution; finite. Images with the same features and logits have the same score.</returns>
    /// <exception cref="DetectionException">The detector has not been fitted, sizes do not fit, features are too large or small to compute with, or a score is NaN or infinite.</exception>
    public float[] Score(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (NeedsFit && !State.IsFitted)
            throw new DetectionException($"{Name}: fit it before scoring");
        if (State.IsFitted)
            CheckSizes(bank, State.FeatureSize, State.Classes);
        CheckRange(bank);
        if ((Needs & (DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps | DetectorNeeds.Images)) != 0)
            RefuseWithoutImages(bank);
        if (Needs.HasFlag(DetectorNeeds.SeveralNetworks) && bank.Members.Count == 0)
            throw new DetectionException($"{Name}: needs several networks, {bank.Name} has the logits of one");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scores = ScoreCore(bank);
        if (scores.Length != bank.Count)
            throw new InvalidOperationException($"{Name} gave {scores.Length} scores for {bank.Count} images");
        var bad = Array.FindIndex(scores, score => !float.IsFinite(score));
        if (bad >= 0)
            throw new DetectionException($"{Name}: the score of image {bad} of {bank.Name} is {(float.IsNaN(scores[bad]) ? "NaN" : "infinite")}");
        if (ScoresRows)
            bank.Repeated.Share([scores]);
        return scores;
    }

    /// <summary>Frees what was fitted.</summary>
    public void Dispose()
    {
        State.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Learns. Runs in a tensor scope and without gradients; what is to stay goes into <see cref="State"/>, which is empty at first.
    /// </summary>
    protected virtual void FitCore(DetectorFit fit)
    {
    }

    /// <summary>Scores. Runs in a tensor scope and without gradients.</summary>
    protected abstract float[] ScoreCore(FeatureBank bank);

    /// <summary>An exception that begins with the detector's name.</summary>
    protected DetectionException Refuse(FormattableString problem) =>
        new($"{Name}: {FormattableString.Invariant(problem ?? throw new ArgumentNullException(nameof(problem)))}");

    private void RefuseWithoutImages(FeatureBank bank)
    {
        if (bank.Images is null)
            throw new DetectionException($"{Name}: needs the images and the network, {bank.Name} has only features");
    }

    // Distances and norms square features: beyond this a square, or the sum of a few thousand, is infinite or zero in float32.
    private void CheckRange(FeatureBank bank)
    {
        const double least = 1e-15, most = 1e15;
        if (!Needs.HasFlag(DetectorNeeds.Features))
            return;
        var (image, size) = bank.LargestFeature;
        if (size > most)
            throw Refuse($"image {image} of {bank.Name} has a feature of size {size:G3}, whose square float32 cannot hold; scale the features down");
        if (size is > 0 and < least)
            throw Refuse($"no feature of {bank.Name} is larger than {size:G3} (image {image}), whose square is zero in float32; scale the features up");
    }

    private void CheckSizes(FeatureBank bank, long features, long classes)
    {
        if (bank.Features.size(1) != features || bank.Logits.size(1) != classes)
        {
            throw new DetectionException(
                $"{Name}: {bank.Name} has {bank.Features.size(1)} features and {bank.Logits.size(1)} logits, expected {features} and {classes}");
        }
    }
}
