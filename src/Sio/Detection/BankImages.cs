using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>A network as detectors see it that look at images: a trained classifier of ours, or a TorchScript model.</summary>
public interface IDetectionModel
{
    /// <summary>Logits [N,C] and penultimate features [N,D] of normalised images [N,channels,H,W], in evaluation mode; recorded for autograd where that is on.</summary>
    public (Tensor Logits, Tensor Features) Forward(Tensor images);

    /// <summary>
    /// Outputs of the network's stages, first to last, the last being what global pooling sees: each [N,c,h,w]; recorded for
    /// autograd where that is on. Null where the network does not offer them.
    /// </summary>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images);

    /// <summary>Logits [N,C] of a feature map that stage <paramref name="stage"/> (from 0) has given, sent through the stages after it.</summary>
    /// <exception cref="DetectionException">The network does not offer its stages.</exception>
    public Tensor LogitsFromStage(int stage, Tensor map);

    /// <summary>What the training method added to the network (<see cref="Sio.Networks.Classifier.Extension"/>), for the method's own score; null where nothing is known of it.</summary>
    public nn.Module? Extension => null;

    /// <summary>The normalisation's standard deviation per channel: an image step of size ε in pixel space (0…1) is ε/std here.</summary>
    public IReadOnlyList<float> Std { get; }
}

/// <summary>The images behind a bank, for detectors that need more than features.</summary>
/// <param name="Model">The network that made the features.</param>
/// <param name="Batches">Makes the normalised images anew, in the bank's order: batches [n,channels,H,W], to be disposed by who takes them.</param>
public sealed record BankImages(IDetectionModel Model, Func<IEnumerable<Tensor>> Batches);
