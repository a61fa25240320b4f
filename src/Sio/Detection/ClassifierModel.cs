using Sio.Data;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Detection;

/// <summary>One of our classifiers as detectors see it. It stays its owner's.</summary>
/// <param name="model">The network; set to evaluation mode by each call.</param>
/// <param name="normalization">The one it was trained with.</param>
public sealed class ClassifierModel(Classifier model, Normalization normalization) : IDetectionModel
{
    private readonly Classifier _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <inheritdoc/>
    public IReadOnlyList<float> Std { get; } = (normalization ?? throw new ArgumentNullException(nameof(normalization))).Std;

    /// <inheritdoc/>
    public Module? Extension => _model.Extension;

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = new TensorScope();
        Evaluating();
        var features = _model.Features(images.To(_model.Head.Weight.Device));
        return (scope.Keep(_model.Logits(features)), scope.Keep(features));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = new TensorScope();
        Evaluating();
        return _model.FeatureMaps(images.To(_model.Head.Weight.Device))?.Select(scope.Keep).ToArray();
    }

    /// <inheritdoc/>
    public Tensor LogitsFromStage(int stage, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        using var scope = new TensorScope();
        Evaluating();
        try
        {
            return scope.Keep(_model.Logits(_model.FeaturesFromStage(stage, map.To(_model.Head.Weight.Device))));
        }
        catch (NotSupportedException error)
        {
            throw new DetectionException($"the network offers no feature maps: {error.Message}");
        }
    }

    private void Evaluating()
    {
        _model.Eval();
        _model.Extension?.Eval();
    }
}
