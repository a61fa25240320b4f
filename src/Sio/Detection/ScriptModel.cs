using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// A TorchScript model as detectors see it, such as one traced in Python: it takes normalised images [N,channels,H,W] and returns logits [N,C] and penultimate
/// features [N,D], in this order. Its stages cannot be seen.
/// </summary>
public sealed class ScriptModel : IDetectionModel
{
    private readonly jit.ScriptModule _module;
    private readonly Device _device;
    private readonly IReadOnlyList<float>? _std;

    /// <summary>Takes a module, which stays its owner's, and sets it to evaluation mode.</summary>
    /// <param name="module">The module.</param>
    /// <param name="normalization">The one it was trained with.</param>
    /// <param name="device">Where the module's weights are; the CPU when left out.</param>
    public ScriptModel(jit.ScriptModule module, Normalization normalization, Device? device = null)
        : this(module, (normalization ?? throw new ArgumentNullException(nameof(normalization))).Std, device)
    {
    }

    /// <summary>Takes a module, which stays its owner's, and sets it to evaluation mode.</summary>
    /// <param name="module">The module.</param>
    /// <param name="std">The standard deviations of the normalisation it was trained with; null where they are not known.</param>
    /// <param name="device">Where the module's weights are; the CPU when left out.</param>
    public ScriptModel(jit.ScriptModule module, IReadOnlyList<float>? std, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        (_module, _std, _device) = (module, std, device ?? CPU);
        module.eval();
    }

    /// <inheritdoc/>
    /// <exception cref="DetectionException">They are not known.</exception>
    public IReadOnlyList<float> Std => _std ?? throw new DetectionException(
        "takes a step in pixel values, and the standard deviations of the images' normalisation are not known: give --std, a value per channel on the scale 0 to 1");

    /// <inheritdoc/>
    /// <exception cref="DetectionException">The model returns something else than logits and features.</exception>
    /// <exception cref="TorchException">It does not take these images.</exception>
    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        var outputs = Run(images.to(_device));
        var count = images.size(0);
        if (outputs.Length == 0)
            throw new DetectionException($"the TorchScript model returns no tensors, expected logits [{count},classes] and features [{count},size]");
        if (outputs.Length != 2 || !Array.TrueForAll(outputs, output => output.ndim == 2 && output.size(0) == count))
        {
            throw new DetectionException(
                $"the TorchScript model returns {string.Join(" and ", outputs.Select(output => TensorMemory.Describe(output)))} for {count} images, expected logits [{count},classes] and features [{count},size]");
        }

        return (scope.MoveToOuter(outputs[0]), scope.MoveToOuter(outputs[1]));
    }

    private Tensor[] Run(Tensor images)
    {
        try
        {
            return _module.forward(images) switch
            {
                Tensor single => [single],
                Tensor[] several => several,
                ITuple several => [.. Enumerable.Range(0, several.Length).Select(i => several[i]).OfType<Tensor>()],
                IEnumerable<object> several => [.. several.OfType<Tensor>()],
                _ => [],
            };
        }
        catch (ExternalException error)
        {
            throw new TorchException($"TorchScript forward({TensorMemory.Describe(images)})", error);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or NotImplementedException)
        {
            // What TorchSharp does with a dictionary.
            throw new DetectionException("the TorchScript model returns no tensors or pair of them, expected (logits, features)");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images) => null;

    /// <inheritdoc/>
    public Tensor LogitsFromStage(int stage, Tensor map) => throw new DetectionException("a TorchScript model offers no feature maps");
}
