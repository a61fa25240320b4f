using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// What a network says of one image set, from a single forward pass in evaluation mode: penultimate features and logits. Every detector
/// scores from here, so the network runs once per set and not once per detector.
/// </summary>
public sealed class FeatureBank : IDisposable
{
    private const long FinitePiece = 1 << 24;

    private readonly int[] _labels;
    private readonly List<Tensor> _members = [];
    private (int Members, UInt128[] Rows)? _hashes;
    private (int Members, RepeatedRows Rows)? _repeated;
    private (long Image, double Size)? _largest;

    /// <summary>Takes features that were made elsewhere.</summary>
    /// <param name="name">The image set's name.</param>
    /// <param name="features">[N,D] float32 on the CPU; this bank disposes it.</param>
    /// <param name="logits">[N,C] float32 on the CPU; this bank disposes it.</param>
    /// <param name="labels">[N]; -1 for OOD.</param>
    /// <exception cref="DetectionException">Sizes or element types are others, or a value is NaN or infinite.</exception>
    public FeatureBank(string name, Tensor features, Tensor logits, int[] labels)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (features.dtype != ScalarType.Float32 || logits.dtype != ScalarType.Float32 || features.ndim != 2 || logits.ndim != 2 || features.size(0) != labels.Length || logits.size(0) != labels.Length)
            throw new DetectionException($"{name}: features {features}, logits {logits} and {labels.Length} labels do not belong together");
        RefuseNonFinite(name, "feature", features);
        RefuseNonFinite(name, "logit", logits);
        (Name, Features, Logits, _labels) = (name, features.DetachFromDisposeScope(), logits.DetachFromDisposeScope(), labels);
    }

    /// <summary>The image set's name.</summary>
    public string Name { get; }

    /// <summary>Penultimate features, [N,D] float32 on the CPU.</summary>
    public Tensor Features { get; }

    /// <summary>Logits, [N,C] float32 on the CPU.</summary>
    public Tensor Logits { get; }

    /// <summary>Labels, [N]; -1 for OOD.</summary>
    /// <exception cref="DetectionException">The images' labels are not known.</exception>
    public int[] Labels => HasLabels ? _labels : throw new DetectionException($"{Name} has no labels ({Name}_labels.npy, the class of each image), which are needed here");

    /// <summary>Whether the images' labels are known: those of images from elsewhere may not be. Detectors that do not ask for them work all the same.</summary>
    public bool HasLabels { get; init; } = true;

    /// <summary>What further networks say of the same images: the logits of each, [N,C] float32 on the CPU. Empty for one network alone.</summary>
    public IReadOnlyList<Tensor> Members => _members;

    /// <summary>The images themselves and the network, where they are at hand; null for a bank of features alone.</summary>
    public BankImages? Images { get; init; }

    /// <summary>Images from which on <see cref="Extract(Classifier, ImageSet, Normalization, int, Action{int}, CancellationToken)"/> folds
    /// the network: below, folding takes longer than it saves.</summary>
    public const int FoldedFrom = 2048;

    /// <summary>
    /// Whether the network ran with batch norm folded or in a smaller type (<see cref="FoldedClassifier"/>); folded values are within 1e-4 of its own. It does for
    /// classifiers and sets of at least <see cref="FoldedFrom"/> images; false where the network ran operator by operator, also because it
    /// could not be
    /// folded, and for features made elsewhere.
    /// </summary>
    public bool IsFolded { get; private init; }

    /// <summary>A hash of each image's features and logits, those of <see cref="Members"/> included.</summary>
    internal UInt128[] RowHashes => _hashes is { } known && known.Members == _members.Count
        ? known.Rows
        : (_hashes = (_members.Count, RepeatedRows.Hash([Features, Logits, .. _members]))).Value.Rows;

    /// <summary>The images among these that repeat an earlier one.</summary>
    internal RepeatedRows Repeated => _repeated is { } known && known.Members == _members.Count
        ? known.Rows
        : (_repeated = (_members.Count, RepeatedRows.Of([this]))).Value.Rows;

    /// <summary>The image with the feature that is largest without its sign, and its size.</summary>
    internal (long Image, double Size) LargestFeature => _largest ??= Largest(Features);

    /// <summary>N, the number of images.</summary>
    public int Count => _labels.Length;

    /// <summary>Runs the network over a set.</summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <param name="set">The images.</param>
    /// <param name="normalization">The one the network was trained with.</param>
    /// <param name="batchSize">Images per pass.</param>
    /// <param name="progress">Told the number of images after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DetectionException">The network gives NaN or infinite values, or was made for images of another size.</exception>
    public static FeatureBank Extract(
        Classifier model, ImageSet set, Normalization normalization, int batchSize = 256, Action<int>? progress = null,
        CancellationToken cancellation = default) => Extract(model, set, normalization, keepImages: false, batchSize, progress, cancellation);

    /// <summary>The network as it is to run over so many images: folded from <see cref="FoldedFrom"/> images on, and in a smaller type always.</summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <param name="images">How many images there are, over all sets that are compared.</param>
    /// <param name="precision">The type that features are computed in.</param>
    /// <returns>Null where it runs operator by operator.</returns>
    public static FoldedClassifier? Fold(Classifier model, long images, EvaluationPrecision precision = EvaluationPrecision.Float32) =>
        images < FoldedFrom && precision == EvaluationPrecision.Float32 ? null : FoldedClassifier.TryFold(model, precision);

    /// <summary>Runs the network over a set, and keeps the way to its images.</summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <param name="set">The images.</param>
    /// <param name="normalization">The one the network was trained with.</param>
    /// <param name="keepImages">Whether the bank gets <see cref="Images"/>: the network must live as long as the bank then.</param>
    /// <param name="batchSize">Images per pass.</param>
    /// <param name="progress">Told the number of images after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DetectionException">The network gives NaN or infinite values, or was made for images of another size.</exception>
    public static FeatureBank Extract(
        Classifier model, ImageSet set, Normalization normalization, bool keepImages, int batchSize = 256, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        using var folded = Fold(model, set.Count);
        return Extract(model, folded, set, normalization, keepImages, batchSize, progress, cancellation: cancellation);
    }

    /// <summary>
    /// Runs the network over one of several sets, folded or not as the caller has decided for all of them: scores of two sets are compared, so both must come from
    /// the very same arithmetic.
    /// </summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <param name="folded">The same network, folded; null to run it operator by operator.</param>
    /// <param name="set">The images.</param>
    /// <param name="normalization">The one the network was trained with.</param>
    /// <param name="keepImages">Whether the bank gets <see cref="Images"/>: the network must live as long as the bank then.</param>
    /// <param name="batchSize">Images per pass.</param>
    /// <param name="progress">Told the number of images after each batch.</param>
    /// <param name="flipAverage">Whether features and logits are the means over each image and its mirror image.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DetectionException">The network gives NaN or infinite values, or was made for images of another size.</exception>
    public static FeatureBank Extract(
        Classifier model, FoldedClassifier? folded, ImageSet set, Normalization normalization, bool keepImages, int batchSize = 256,
        Action<int>? progress = null, bool flipAverage = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(set);
        var shape = model.Shape;
        if ((set.Channels, set.Height, set.Width) != (shape.Channels, shape.Height, shape.Width))
            throw new DetectionException($"{set.Name}: images of {set.Channels}×{set.Height}×{set.Width}, the network was made for {shape.Channels}×{shape.Height}×{shape.Width}");
        var seen = new ClassifierModel(model, normalization);
        return Run(seen, folded, set, normalization, keepImages, batchSize, progress, flipAverage, cancellation);
    }

    /// <summary>Runs any network that detectors can use over a set. One in training mode is rejected (<see cref="ModelCheck"/>).</summary>
    /// <inheritdoc cref="Extract(Classifier, ImageSet, Normalization, bool, int, Action{int}, CancellationToken)"/>
    public static FeatureBank Extract(
        IDetectionModel model, ImageSet set, Normalization normalization, bool keepImages = false, int batchSize = 256, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(normalization);
        RefuseTrainingMode(model, set, normalization);
        return Run(model, null, set, normalization, keepImages, batchSize, progress, flipAverage: false, cancellation);
    }

    /// <summary>Takes the logits that one more network gives for the same images, for detectors that need several.</summary>
    /// <param name="logits">[N,C] float32 on the CPU, of the same classes; this bank disposes it.</param>
    /// <exception cref="DetectionException">Size or element type is another, or a value is NaN or infinite; the tensor stays the caller's.</exception>
    public void AddMember(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.dtype != ScalarType.Float32 || !logits.shape.SequenceEqual(Logits.shape))
            throw new DetectionException($"{Name}: a further network's logits are {logits}, expected {Logits} as this network's");
        RefuseNonFinite(Name, "logit of a further network", logits);
        _members.Add(logits.DetachFromDisposeScope());
    }

    /// <summary>The class with the largest logit, image by image.</summary>
    public int[] Predictions()
    {
        using var scope = NewDisposeScope();
        return Array.ConvertAll(Logits.argmax(1).ToArray<long>(), label => (int)label);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Features.Dispose();
        Logits.Dispose();
        foreach (var member in _members)
            member.Dispose();
    }

    private static void RefuseTrainingMode(IDetectionModel model, ImageSet set, Normalization normalization)
    {
        if (set.Count == 0)
            return;
        TorchRuntime.Initialize();
        foreach (var images in EvaluationBatches.Of(set, normalization, Math.Min(set.Count, ModelCheck.Images)))
        {
            using (images)
                ModelCheck.RefuseTrainingMode(model, images);
            break;
        }
    }

    private static FeatureBank Run(
        IDetectionModel model, FoldedClassifier? folded, ImageSet set, Normalization normalization, bool keepImages, int batchSize, Action<int>? progress,
        bool flipAverage, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(normalization);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        TorchRuntime.Initialize();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (features, logits) = (default(Tensor), default(Tensor));
        var done = 0;
        foreach (var images in EvaluationBatches.Of(set, normalization, batchSize))
        {
            using (images)
            {
                cancellation.ThrowIfCancellationRequested();
                using var step = NewDisposeScope();
                var (logit, feature) = Forward(images);
                var count = (int)images.size(0);
                features ??= step.MoveToOuter(torch.empty([set.Count, feature.size(1)]));
                logits ??= step.MoveToOuter(torch.empty([set.Count, logit.size(1)]));
                features.narrow(0, done, count).copy_(feature);
                logits.narrow(0, done, count).copy_(logit);
                done += count;
                progress?.Invoke(count);
            }
        }

        if (features is null || logits is null)
        {
            // A set without images: its bank has no rows, and columns as a black image would give them.
            var (logit, feature) = model.Forward(torch.zeros([1, set.Channels, set.Height, set.Width]));
            (features, logits) = (torch.empty([0, feature.size(1)]), torch.empty([0, logit.size(1)]));
        }

        return new FeatureBank(set.Name, features, logits, set.Labels)
        {
            IsFolded = folded is not null,
            Images = keepImages ? new BankImages(model, () => EvaluationBatches.Of(set, normalization, batchSize)) : null,
        };

        (Tensor Logits, Tensor Features) Forward(Tensor images)
        {
            var plain = folded?.Forward(images) ?? model.Forward(images);
            if (!flipAverage)
                return plain;
            var mirrored = images.flip(3);
            var (logits, features) = folded?.Forward(mirrored) ?? model.Forward(mirrored);
            return ((plain.Logits + logits) / 2, (plain.Features + features) / 2);
        }
    }

    private static (long Image, double Size) Largest(Tensor values)
    {
        var (image, size) = (0L, 0.0);
        var (count, width) = (values.size(0), Math.Max(values.size(1), 1));
        var piece = Math.Max(FinitePiece / width, 1);
        for (long start = 0; start < count; start += piece)
        {
            using var scope = NewDisposeScope();
            var magnitudes = values.narrow(0, start, Math.Min(piece, count - start)).abs();
            var here = magnitudes.max().ToDouble();
            if (here > size)
                (image, size) = (start + (magnitudes.argmax().ToInt64() / width), here);
        }

        return (image, size);
    }

    private static void RefuseNonFinite(string name, string what, Tensor values)
    {
        // In pieces: a bank may be larger than memory.
        var (count, width) = (values.size(0), Math.Max(values.size(1), 1));
        var piece = Math.Max(FinitePiece / width, 1);
        for (long start = 0; start < count; start += piece)
        {
            using var scope = NewDisposeScope();
            var part = values.narrow(0, start, Math.Min(piece, count - start));

            // A sum is finite only if all its terms are, and is quicker (10.6 GB: 5 s instead of 31 s); one that is not may just have overflowed.
            if (double.IsFinite(part.sum().ToDouble()))
                continue;
            var finite = part.isfinite();
            if (finite.all().ToDouble() != 0)
                continue;
            var bad = start + (Array.IndexOf(finite.ToArray<bool>(), false) / width);
            throw new DetectionException($"{name}: image {bad} has a {what} that is NaN or infinite; it cannot be scored");
        }
    }
}
