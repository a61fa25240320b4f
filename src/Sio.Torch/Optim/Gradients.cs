namespace Sio.Torch.Optim;

/// <summary>What is done with all gradients of an optimiser together, between backward and step.</summary>
public static class Gradients
{
    // As in PyTorch, so that a gradient of zeros divides by something.
    private const double Smallest = 1e-6;

    private static readonly Operator s_norms = new("_foreach_norm.Scalar");
    private static readonly Operator s_scale = new("_foreach_mul_.Scalar");

    /// <summary>The norm of all gradients as one vector, √Σ‖g‖²; 0 where there are none, NaN or infinite where one of them is.</summary>
    public static double Norm(Optimizer optimizer)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        return Norm(Of(optimizer));
    }

    /// <summary>Multiplies all gradients by a number.</summary>
    public static void Scale(Optimizer optimizer, double factor)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        if (Of(optimizer) is { Length: > 0 } gradients)
            s_scale.Run(gradients, factor);
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
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        var gradients = Of(optimizer);
        var norm = Norm(gradients);
        if (double.IsFinite(norm) && maxNorm / (norm + Smallest) is var factor and < 1)
            s_scale.Run(gradients, factor);
        return norm;
    }

    private static double Norm(Tensor?[] gradients) =>
        gradients.Length == 0 ? 0 : Tensor.Stack(s_norms.CallList(gradients, 2)).Norm(0).Item().ToDouble();

    private static Tensor?[] Of(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return [.. optimizer.Groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Grad).Where(gradient => gradient is not null)];
    }
}
