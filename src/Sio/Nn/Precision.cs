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
