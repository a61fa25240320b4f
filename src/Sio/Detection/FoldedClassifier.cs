using System.Runtime.InteropServices;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// The forward pass of a classifier in evaluation mode with batch norm folded into the convolutions, in oneDNN's own order in memory where
/// all of
/// the network's operators take it, and in a smaller type where that is wanted. A snapshot: later changes of the weights do not reach it.
/// </summary>
public sealed class FoldedClassifier : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly Classifier _model;
    private readonly BatchNormFolding _folding;
    private readonly ScalarType? _precision;
    private readonly bool _blocked;

    private FoldedClassifier(Classifier model, BatchNormFolding folding, ScalarType? precision, bool blocked) =>
        (_model, _folding, _precision, _blocked) = (model, folding, precision, blocked);

    /// <summary>Folds a network, and compares what that gives with the network itself.</summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <param name="precision">The type that features are computed in. Logits are computed in float32.</param>
    /// <returns>
    /// The folded network. Where folding gives other values (by more than 1e-4, as where batch norm runs elsewhere than behind the convolution that it is registered behind): the
    /// network as it is in the smaller type, and null in float32.
    /// </returns>
    public static FoldedClassifier? TryFold(Classifier model, EvaluationPrecision precision = EvaluationPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.eval();
        model.Extension?.eval();
        var type = precision.SmallType();
        if (model.TakesBlockedLayout && BlockedLayout.IsUsable && model.Head.weight.device_type == DeviceType.CPU && Folds(model, blocked: true)
            && TryBlocked(model, type) is { } blocked)
        {
            return blocked;
        }

        if (Folds(model, blocked: false))
            return new FoldedClassifier(model, BatchNormFolding.Of(model, type, blocked: false), type, blocked: false);
        return type is null ? null : new FoldedClassifier(model, BatchNormFolding.None(), type, blocked: false);
    }

    // In float32, whatever it is to run in: in 16 bits two ways of computing the same differ by more than another network would.
    private static bool Folds(Classifier model, bool blocked)
    {
        using var folded = new FoldedClassifier(model, BatchNormFolding.Of(model, type: null, blocked), precision: null, blocked);
        if (folded._folding.Count == 0)
            return !blocked;
        var trial = Trial(model);
        var expected = model.Features(trial);
        var (logits, features) = folded.Forward(trial);
        return Agree(features, expected) && Agree(logits, model.Logits(expected));
    }

    // In 16 bits oneDNN needs more of a CPU. In the plain order LibTorch has kernels of its own for others; in oneDNN's it rejects.
    private static FoldedClassifier? TryBlocked(Classifier model, ScalarType? type)
    {
        if (!BlockedLayout.Computes(type ?? ScalarType.Float32))
            return null;
        var made = new FoldedClassifier(model, BatchNormFolding.Of(model, type, blocked: true), type, blocked: true);
        if (type is null)
            return made;
        try
        {
            made.Forward(Trial(model));
            return made;
        }
        catch (ExternalException)
        {
            made.Dispose();
            return null;
        }
    }

    private static Tensor Trial(Classifier model) =>
        torch.ones([2, model.Shape.Channels, model.Shape.Height, model.Shape.Width], device: model.Head.weight.device);

    /// <summary>Logits [N,C] and features [N,D] of normalised images, from any device, both float32.</summary>
    /// <exception cref="ExternalException">The images do not fit.</exception>
    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        var own = images.to(_model.Head.weight.device);
        Tensor features;
        using (_folding.Enter())
        using (Precision.To(_precision))
            features = _blocked ? Blocked(own) : _model.Features(own);
        features = features.to(ScalarType.Float32);
        return (scope.MoveToOuter(_model.Logits(features)), scope.MoveToOuter(features));
    }

    /// <summary>Frees the folded weights.</summary>
    public void Dispose() => _folding.Dispose();

    private Tensor Blocked(Tensor images) => _model.Features(BlockedLayout.Of(images.to(_precision ?? ScalarType.Float32))).to_dense();

    // Broken weights agree in being no numbers: the bank that they give is rejected either way.
    private static bool Agree(Tensor a, Tensor b)
    {
        var worst = ((a - b).abs() / b.abs().clamp(min: 1)).max().ToDouble();
        return !(worst > Tolerance);
    }
}
