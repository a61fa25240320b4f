using Sio.Data;
using Sio.Torch;

namespace Sio.Detection;

/// <summary>
/// A TorchScript model as detectors see it, such as one traced in Python: it takes normalised images [N,channels,H,W] and returns logits [N,C] and penultimate
/// features [N,D], in this order. Its stages cannot be seen.
/// </summary>
public sealed class ScriptModel : IDetectionModel
{
    private readonly ScriptModule _module;
    private readonly Device _device;
    private readonly IReadOnlyList<float>? _std;

    /// <summary>Takes a module, which stays its owner's, and sets it to evaluation mode.</summary>
    /// <param name="module">The module.</param>
    /// <param name="normalization">The one it was trained with.</param>
    /// <param name="device">Where the module's weights are; the CPU when left out.</param>
    public ScriptModel(ScriptModule module, Normalization normalization, Device? device = null)
        : this(module, (normalization ?? throw new ArgumentNullException(nameof(normalization))).Std, device)
    {
    }

    /// <summary>Takes a module, which stays its owner's, and sets it to evaluation mode.</summary>
    /// <param name="module">The module.</param>
    /// <param name="std">The standard deviations of the normalisation it was trained with; null where they are not known.</param>
    /// <param name="device">Where the module's weights are; the CPU when left out.</param>
    public ScriptModel(ScriptModule module, IReadOnlyList<float>? std, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        (_module, _std, _device) = (module, std, device ?? Device.Cpu);
        module.Eval();
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
        using var scope = new TensorScope();
        var outputs = _module.Forward(images.To(_device));
        var count = images.Size(0);
        if (outputs.Length != 2 || !Array.TrueForAll(outputs, output => output.Dim == 2 && output.Size(0) == count))
        {
            throw new DetectionException(
                $"the TorchScript model returns {string.Join(" and ", outputs.Select(output => output.ToString()))} for {count} images, expected logits [{count},classes] and features [{count},size]");
        }

        return (scope.Keep(outputs[0]), scope.Keep(outputs[1]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images) => null;

    /// <inheritdoc/>
    public Tensor LogitsFromStage(int stage, Tensor map) => throw new DetectionException("a TorchScript model offers no feature maps");
}
