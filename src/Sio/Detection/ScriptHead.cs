using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>The last layer of a TorchScript model.</summary>
public static class ScriptHead
{
    /// <summary>Finds it among the module's weights (<see cref="HeadFinder"/>).</summary>
    /// <param name="module">The module.</param>
    /// <param name="logits">[N,C], what it gave for a few images.</param>
    /// <param name="features">[N,D], what it gave for the same images.</param>
    /// <returns>Weight [C,D] and bias [C], which the caller disposes; null where no weights fit, as in a frozen module, which has none.</returns>
    /// <exception cref="DetectionException">The last layer turns what should be logits into what should be features.</exception>
    public static (Tensor Weight, Tensor Bias)? Find(jit.ScriptModule module, Tensor logits, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        (string Name, Tensor Value)[] weights =
            [.. module.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)), .. module.named_buffers().Select(entry => (entry.name, entry.buffer))];
        if (HeadFinder.Find(weights, features, logits) is { } head)
            return (scope.MoveToOuter(head.Weight), scope.MoveToOuter(head.Bias));
        if (HeadFinder.Find(weights, logits, features) is not null)
            throw new DetectionException($"the TorchScript model returns features {logits} first and logits {features} second, expected (logits, features)");
        return null;
    }
}
