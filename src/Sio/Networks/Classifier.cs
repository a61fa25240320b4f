using Sio.Engine;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>The images a network is made for, and the classes it tells apart.</summary>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Classes">At least 2.</param>
public sealed record ClassifierShape(int Channels, int Height, int Width, int Classes);

/// <summary>
/// An image classifier that ends in a linear layer: images → penultimate features → logits. Detectors need the features and
/// that layer; they get them here without hooks. A class in this folder with a <see cref="CatalogEntryAttribute"/> and a
/// constructor (<see cref="ClassifierShape"/>, <see cref="Generator"/>?) can be named in recipes.
/// </summary>
public abstract class Classifier : NamedModule<Tensor, Tensor>
{
    /// <summary>Takes the shape.</summary>
    protected Classifier(ClassifierShape shape)
        : base(nameof(Classifier))
    {
        // Before any number is computed: on some machines LibTorch has to be repaired first.
        TorchRuntime.Initialize();
        Shape = shape;
    }

    /// <summary>What the network is made for.</summary>
    public ClassifierShape Shape { get; }

    /// <summary>The last layer: weight [classes, D].</summary>
    public abstract Linear Head { get; }

    /// <summary>D, the number of penultimate features.</summary>
    public int FeatureSize => (int)Head.weight.size(1);

    /// <summary>Penultimate features: [N,C,H,W] → [N,D].</summary>
    public Tensor Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(FeaturesCore(images));
    }

    /// <summary>
    /// Outputs of the network's stages, first to last, each [N,c,h,w]: the mean of the last one over its positions is the feature. Null for a network that is
    /// not built so.
    /// </summary>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images)
    {
        if (Stages is not { } stages)
            return null;
        using var scope = NewDisposeScope();
        var x = Stem(images);
        return [.. stages.Select(stage => scope.MoveToOuter(x = stage.call(x)))];
    }

    /// <summary>Penultimate features [N,D] of a feature map, sent through the stages after the one that gave it.</summary>
    /// <param name="stage">The stage that gave the map, from 0.</param>
    /// <param name="map">[N,c,h,w], as that stage gives it.</param>
    /// <exception cref="NotSupportedException">The network is not built of stages.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public Tensor FeaturesFromStage(int stage, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var stages = Stages ?? throw new NotSupportedException($"{GetType().Name} is not built of stages");
        ArgumentOutOfRangeException.ThrowIfNegative(stage);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(stage, stages.Count);
        using var scope = NewDisposeScope();
        var x = map;
        foreach (var next in stages.Skip(stage + 1))
            x = next.call(x);
        return scope.MoveToOuter(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1));
    }

    /// <summary>
    /// Whether the features can be computed in evaluation of images in oneDNN's own order in memory (PyTorch's <c>to_mkldnn</c>), which
    /// saves reordering at each convolution. Few operators take such
    /// tensors: convolutions and batch norm of <see cref="Nn"/>, ReLU, sums of two, pooling, flatten. False where in doubt: others fail,
    /// and some of them end the process.
    /// </summary>
    public virtual bool TakesBlockedLayout => false;

    /// <summary>
    /// The stages between <see cref="Stem"/> and global average pooling, where the network is built so. A stage must leave its input as it is.
    /// </summary>
    protected virtual IReadOnlyList<nn.Module<Tensor, Tensor>>? Stages => null;

    /// <summary>What comes before the first stage; temporaries need no disposing.</summary>
    protected virtual Tensor Stem(Tensor images) => images;

    /// <summary>
    /// What a training method adds to the network, such as a second head; null for none. It is no part of <see cref="Nn.ModuleExtensions.StateDict"/>, so that the network's weights fit the plain
    /// network, too; it moves and is freed with the network.
    /// </summary>
    public nn.Module? Extension { get; private set; }

    /// <summary>The head that the training method put in place of <see cref="Head"/>; null for none.</summary>
    public ILogitHead? LogitHead { get; private set; }

    /// <summary>Whether logits are W f + b of <see cref="Head"/>: detectors that compute with W and b need that.</summary>
    public bool HasLinearLogits => LogitHead is null;

    /// <summary>Adds what a training method needs. The network owns it from now on.</summary>
    /// <param name="extension">Its layers.</param>
    /// <param name="head">What computes the logits from then on; null for <see cref="Head"/> as before.</param>
    /// <exception cref="InvalidOperationException">The network has an extension.</exception>
    public void Extend(nn.Module extension, ILogitHead? head = null)
    {
        ArgumentNullException.ThrowIfNull(extension);
        if (Extension is not null)
            throw new InvalidOperationException($"{GetType().Name} has been extended already");
        Extension = extension;
        LogitHead = head;
    }

    /// <summary>Logits [N,C] of penultimate features [N,D].</summary>
    public Tensor Logits(Tensor features)
    {
        if (LogitHead is not { } head)
            return Head.call(features);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(head.Logits(Head, features));
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Logits(Features(input)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Extension?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Computes penultimate features; temporaries need no disposing.</summary>
    protected abstract Tensor FeaturesCore(Tensor images);
}
