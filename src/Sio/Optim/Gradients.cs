using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Optim;

/// <summary>What is done with all gradients of an optimiser together, between backward and step.</summary>
public static class Gradients
{
    // As in PyTorch, so that a gradient of zeros divides by something.
    private const double Smallest = 1e-6;

    /// <summary>The norm of all gradients as one vector, √Σ‖g‖²; 0 where there are none, NaN or infinite where one of them is.</summary>
    public static double Norm(Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Norm(Of(optimizer));
    }

    /// <summary>Multiplies all gradients by a number.</summary>
    public static void Scale(Optimizer optimizer, double factor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Multiply(Of(optimizer), factor);
    }

    /// <summary>
    /// Makes the norm of all gradients at most a given one, as PyTorch's <c>clip_grad_norm_</c>: g ← g·min(1, max/(norm + 1e-6)) (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1).
    /// </summary>
    /// <param name="optimizer">Whose gradients.</param>
    /// <param name="maxNorm">The largest norm, above 0.</param>
    /// <returns>The norm before; where it is NaN or infinite the gradients are left as they are.</returns>
    public static double Clip(Optimizer optimizer, double maxNorm)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNorm);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var gradients = Of(optimizer);
        var norm = Norm(gradients);
        if (double.IsFinite(norm) && maxNorm / (norm + Smallest) is var factor and < 1)
            Multiply(gradients, factor);
        return norm;
    }

    private static double Norm(Tensor[] gradients) =>
        gradients.Length == 0 ? 0 : linalg.vector_norm(torch.stack([.. gradients.Select(gradient => linalg.vector_norm(gradient))])).ToDouble();

    private static void Multiply(Tensor[] gradients, double factor)
    {
        using Scalar number = factor;
        foreach (var gradient in gradients)
            gradient.mul_(number);
    }

    private static Tensor[] Of(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return [.. optimizer.Groups.SelectMany(group => group.Parameters).Select(parameter => parameter.grad).OfType<Tensor>()];
    }
}
