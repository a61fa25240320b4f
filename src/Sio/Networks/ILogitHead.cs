using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>An extension of a network (<see cref="Classifier.Extend"/>) that makes its logits in another way than by the last layer alone, as G-ODIN does.</summary>
public interface ILogitHead
{
    /// <summary>Logits [N,C] of penultimate features.</summary>
    /// <param name="last">The network's last layer.</param>
    /// <param name="features">[N,D].</param>
    public Tensor Logits(Linear last, Tensor features);
}
