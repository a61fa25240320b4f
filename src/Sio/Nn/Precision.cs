using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// The type that convolutions, linear layers and attention compute in. Weights stay float32; they and the inputs are cast for the operator, as PyTorch's
/// autocast does, which TorchSharp lacks. It holds for the thread that set it.
/// </summary>
public static class Precision
{
    [ThreadStatic]
    private static ScalarType? s_current;

    /// <summary>The type in force on this thread; null: that of the inputs.</summary>
    public static ScalarType? Current => s_current;

    /// <summary>Sets the type until the scope is disposed.</summary>
    /// <param name="type">bfloat16 or float16; null: that of the inputs.</param>
    public static Scope To(ScalarType? type) => new(type);

    /// <summary><see cref="nn.functional.conv2d(Tensor, Tensor, Tensor, long[], long[], long[], long)"/> in the type in force.</summary>
    internal static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long[] strides, long[] padding)
    {
        if (!MustCast(input, weight, out var type))
            return nn.functional.conv2d(input, weight, bias, strides: strides, padding: padding);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.conv2d(input.to(type), weight.to(type), bias?.to(type), strides: strides, padding: padding));
    }

    /// <summary><see cref="nn.functional.linear"/> in the type in force.</summary>
    internal static Tensor Multiply(Tensor input, Tensor weight, Tensor? bias)
    {
        if (!MustCast(input, weight, out var type))
            return nn.functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.linear(input.to(type), weight.to(type), bias?.to(type)));
    }

    // What has the type already is not cast: tensors in oneDNN's own layout can never be.
    private static bool MustCast(Tensor input, Tensor weight, out ScalarType type)
    {
        type = s_current ?? input.dtype;
        return s_current is not null && (input.dtype != type || weight.dtype != type);
    }

    /// <summary>The time that a type is in force.</summary>
    public readonly ref struct Scope
    {
        private readonly ScalarType? _before;

        internal Scope(ScalarType? type)
        {
            _before = s_current;
            s_current = type;
        }

        /// <summary>Puts back the type that was in force before.</summary>
        public void Dispose() => s_current = _before;
    }
}
