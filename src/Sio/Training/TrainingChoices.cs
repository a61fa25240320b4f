using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>How the learning rate goes over the training.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine wave down to the final learning rate.</summary>
    Cosine,

    /// <summary>A factor at each milestone.</summary>
    Step,

    /// <summary>Up to the peak and down again.</summary>
    OneCycle,

    /// <summary>The same in each step.</summary>
    Constant,
}

/// <summary>The type that the network's convolutions and products are computed in; weights, losses and updates stay in float32.</summary>
public enum TrainingPrecision
{
    /// <summary>32 bits throughout; on a GPU, cuDNN may round what it convolves to TF32, as is PyTorch's default.</summary>
    Float32,

    /// <summary>16 bits with float32's range.</summary>
    Bfloat16,

    /// <summary>16 bits with a small range: the loss is scaled; on a GPU alone.</summary>
    Float16,
}

/// <summary>The order of images and of convolutions' weights in memory.</summary>
public enum ImageLayout
{
    /// <summary>NCHW.</summary>
    Contiguous,

    /// <summary>NHWC in memory, which recent GPUs and CPUs convolve faster.</summary>
    ChannelsLast,
}

/// <summary>What the choices mean to LibTorch.</summary>
internal static class TrainingChoices
{
    /// <summary>The smaller type; null for none.</summary>
    internal static ScalarType? SmallType(this TrainingPrecision precision) => precision switch
    {
        TrainingPrecision.Bfloat16 => ScalarType.BFloat16,
        TrainingPrecision.Float16 => ScalarType.Float16,
        _ => null,
    };

    /// <summary>The order in memory in which training is fastest, as far as it was measured (<c>benchmarks/RESULTS.md</c>).</summary>
    /// <param name="device"><c>cpu</c>, or a GPU's name.</param>
    internal static ImageLayout Fastest(string device) =>
        device == "cpu" && Avx512F.IsSupported ? ImageLayout.ChannelsLast : ImageLayout.Contiguous;

    /// <summary>LibTorch's order in memory.</summary>
    internal static memory_format Format(this ImageLayout layout) => layout == ImageLayout.ChannelsLast ? memory_format.channels_last : memory_format.contiguous_format;
}
