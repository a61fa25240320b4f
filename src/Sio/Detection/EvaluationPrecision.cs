using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>The type that a trained network's features are computed in.</summary>
public enum EvaluationPrecision
{
    /// <summary>32 bits, as in training by default.</summary>
    Float32,

    /// <summary>bfloat16: 16 bits with float32's range and 8 bits of precision.</summary>
    Bf16,
}

/// <summary>What the choice means to TorchSharp.</summary>
internal static class EvaluationPrecisions
{
    /// <summary>The smaller type; null for none.</summary>
    internal static ScalarType? SmallType(this EvaluationPrecision precision) => precision == EvaluationPrecision.Bf16 ? ScalarType.BFloat16 : null;
}
