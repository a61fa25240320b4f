using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>
/// Gradients with respect to chosen tensors. TorchSharp catches no error of LibTorch's in <c>autograd.grad</c>: it would end the process.
/// </summary>
internal static class InputGradients
{
    private const string Operation = "gradient";

    /// <summary>∂output/∂inputs; the leaves' own gradients stay as they are.</summary>
    /// <param name="output">A single number.</param>
    /// <param name="inputs">What it was computed from.</param>
    /// <param name="retain">Whether the graph is needed again.</param>
    /// <param name="create">Whether the gradients are to be differentiated in their turn.</param>
    /// <returns>One for each input, of its shape.</returns>
    /// <exception cref="TorchException">The output does not depend on one of them.</exception>
    internal static Tensor[] Of(Tensor output, IReadOnlyList<Tensor> inputs, bool retain = false, bool create = false)
    {
        if (output.numel() != 1)
            throw new TorchException(Operation, $"of {TensorMemory.Describe(output)}, a single number was expected");
        if (!output.requires_grad)
            throw new TorchException(Operation, "the result was computed without a record of how");
        foreach (var input in inputs)
        {
            if (!input.requires_grad)
                throw new TorchException(Operation, $"{TensorMemory.Describe(input)} requires no gradient");
        }

        // Not as in Python: to differentiate the gradients, the graph has to be kept by a word of its own.
        Tensor[] gradients =
            [.. autograd.grad([output], [.. inputs], retain_graph: retain || create, create_graph: create, allow_unused: true)];
        return Array.TrueForAll(gradients, gradient => !gradient.IsInvalid)
            ? gradients
            : throw new TorchException(Operation, "the result does not depend on what it was to be differentiated by");
    }

    /// <inheritdoc cref="Of(Tensor, IReadOnlyList{Tensor}, bool, bool)"/>
    /// <param name="output">A single number.</param>
    /// <param name="input">What it was computed from.</param>
    /// <param name="retain">Whether the graph is needed again.</param>
    /// <param name="create">Whether the gradient is to be differentiated in its turn.</param>
    /// <returns>The gradient, of the input's shape.</returns>
    internal static Tensor Of(Tensor output, Tensor input, bool retain = false, bool create = false) =>
        Of(output, [input], retain, create)[0];
}
