using Sio.Torch;
using Sio.Torch.Nn;

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
public abstract class Classifier : Module
{
    /// <summary>Takes the shape.</summary>
    protected Classifier(ClassifierShape shape) => Shape = shape;

    /// <summary>What the network is made for.</summary>
    public ClassifierShape Shape { get; }

    /// <summary>The last layer: weight [classes, D].</summary>
    public abstract Linear Head { get; }

    /// <summary>D, the number of penultimate features.</summary>
    public int FeatureSize => (int)Head.Weight.Size(1);

    /// <summary>Penultimate features: [N,C,H,W] → [N,D].</summary>
    public Tensor Features(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(FeaturesCore(images));
    }

    /// <inheritdoc/>
    protected sealed override Tensor ForwardCore(Tensor input) => Head.Forward(Features(input));

    /// <summary>Computes penultimate features; temporaries need no disposing.</summary>
    protected abstract Tensor FeaturesCore(Tensor images);
}
