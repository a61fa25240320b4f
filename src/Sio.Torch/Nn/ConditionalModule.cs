namespace Sio.Torch.Nn;

/// <summary>A part of a network whose output depends on something beside its input, such as class numbers.</summary>
public abstract class ConditionalModule : Module
{
    /// <summary>Computes the output, and frees every tensor made on the way but the result.</summary>
    /// <param name="input">The input.</param>
    /// <param name="condition">What the output depends on too, row for row.</param>
    public Tensor Forward(Tensor input, Tensor condition)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(condition);
        using var scope = new TensorScope();
        return scope.Keep(ForwardCore(input, condition));
    }

    /// <summary>Computes the output. Temporaries need no disposing.</summary>
    protected abstract Tensor ForwardCore(Tensor input, Tensor condition);

    /// <summary>Not possible without a condition.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected sealed override Tensor ForwardCore(Tensor input) => throw new NotSupportedException($"{GetType().Name} needs a condition: Forward(input, condition)");
}
