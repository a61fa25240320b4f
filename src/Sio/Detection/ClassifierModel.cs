using Sio.Data;
using Sio.Networks;
using static TorchSharp.torch;

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
    public nn.Module? Extension => _model.Extension;

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        Evaluating();
        var features = _model.Features(images.to(_model.Head.weight.device));
        return (scope.MoveToOuter(_model.Logits(features)), scope.MoveToOuter(features));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        Evaluating();
        return _model.FeatureMaps(images.to(_model.Head.weight.device))?.Select(map => scope.MoveToOuter(map)).ToArray();
    }

    /// <inheritdoc/>
    public Tensor LogitsFromStage(int stage, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        using var scope = NewDisposeScope();
        Evaluating();
        try
        {
            return scope.MoveToOuter(_model.Logits(_model.FeaturesFromStage(stage, map.to(_model.Head.weight.device))));
        }
        catch (NotSupportedException error)
        {
            throw new DetectionException($"the network offers no feature maps: {error.Message}");
        }
    }

    private void Evaluating()
    {
        _model.eval();
        _model.Extension?.eval();
    }
}
