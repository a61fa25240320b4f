using Sio.Networks;
using Sio.Torch;

namespace Sio.Detection;

/// <summary>
/// The forward pass of a classifier in evaluation mode, traced, frozen and optimised for inference: batch norm is folded into the convolutions, whose weights lie
/// as oneDNN wants them. A snapshot: later changes of the weights do not reach it.
/// </summary>
public sealed class TracedClassifier : IDisposable
{
    private const double Tolerance = 1e-4;

    // TorchScript watches the first call, compiles in the second and runs what it has compiled from the third on.
    private const int CompiledFrom = 3;

    private readonly ScriptModule _module;

    private TracedClassifier(ScriptModule module) => _module = module;

    /// <summary>Traces a network on the CPU, and compares what the trace gives with the network itself.</summary>
    /// <param name="model">The network; set to evaluation mode.</param>
    /// <returns>The trace; null where LibTorch cannot trace the network, where it gives other values (by more than 1e-4), and for one on a GPU.</returns>
    public static TracedClassifier? TryTrace(Classifier model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Head.Weight.Device.Type != DeviceType.Cpu)
            return null;
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        model.Eval();
        model.Extension?.Eval();
        var shape = model.Shape;
        // Other values and another number of images than in the trace, so that neither can have become a constant.
        var (example, trial) = (Tensor.Zeros([2, shape.Channels, shape.Height, shape.Width]), Tensor.Ones([3, shape.Channels, shape.Height, shape.Width]));
        TracedClassifier? made = null;
        try
        {
            using var traced = ScriptModule.Trace(images => Eager(model, images), example, Weights(model));
            made = new TracedClassifier(traced.OptimizeForInference());
            var expected = Eager(model, trial);
            var agrees = true;
            for (var call = 0; call < CompiledFrom; call++)
            {
                var (logits, features) = made.Forward(trial);
                agrees &= Agree(logits, expected[0]) && Agree(features, expected[1]);
            }

            if (agrees)
                return made;
        }
        catch (TorchException)
        {
            // An operator of the network that TorchScript does not know: the network runs as it is.
        }

        made?.Dispose();
        return null;
    }

    /// <summary>Logits [N,C] and features [N,D] of normalised images.</summary>
    /// <exception cref="TorchException">The images do not fit.</exception>
    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        var outputs = _module.Forward(images);
        return (outputs[0], outputs[1]);
    }

    /// <summary>Frees the program.</summary>
    public void Dispose() => _module.Dispose();

    // Those of the extension, too: a trace takes no tensor that is trained for a constant.
    private static IReadOnlyList<(string Name, Tensor Value)> Weights(Classifier model) =>
        [.. model.StateDict(), .. model.Extension?.StateDict().Select(entry => ($"extension.{entry.Name}", entry.Value)) ?? []];

    private static Tensor[] Eager(Classifier model, Tensor images)
    {
        var features = model.Features(images);
        return [model.Logits(features), features];
    }

    // Broken weights agree in being no numbers: the bank that they give is refused either way.
    private static bool Agree(Tensor a, Tensor b)
    {
        var worst = ((a - b).Abs() / b.Abs().Clamp(min: 1)).Max().Item().ToDouble();
        return !(worst > Tolerance);
    }
}
