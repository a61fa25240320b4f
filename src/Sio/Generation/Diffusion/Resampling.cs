using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>What a residual block does to the size of its images.</summary>
internal enum Resampling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>[N,C,H,W] → [N,C,H/2,W/2]: means of 2×2 pixels.</summary>
    Halve,

    /// <summary>[N,C,H,W] → [N,C,2H,2W]: bilinear enlargement.</summary>
    Double,
}

internal static class Resamplings
{
    internal static Tensor Apply(this Resampling kind, Tensor x) => kind switch
    {
        Resampling.Halve => nn.functional.avg_pool2d(x, 2),
        Resampling.Double => Smooth(nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest)),
        _ => x,
    };

    // Repeated pixels under weights of ¼, ½, ¼ in both directions are what LibTorch's own bilinear enlargement gives, whose backward on a GPU adds up in no fixed order. What lies
    // outside the image is left out of the means.
    private static Tensor Smooth(Tensor x) => Means(Means(x, padding: 1), padding: 0);

    private static Tensor Means(Tensor x, long padding) => nn.functional.avg_pool2d(x, 2, stride: 1, padding: padding, count_include_pad: false);
}
