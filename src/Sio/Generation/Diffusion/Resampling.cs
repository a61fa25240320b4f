using Sio.Torch;

namespace Sio.Generation.Diffusion;

/// <summary>What a residual block does to the size of its images.</summary>
internal enum Resampling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>[N,C,H,W] → [N,C,H/2,W/2]: means of 2×2 pixels.</summary>
    Halve,

    /// <summary>[N,C,H,W] → [N,C,2H,2W]: each pixel four times.</summary>
    Double,
}

internal static class Resamplings
{
    internal static Tensor Apply(this Resampling kind, Tensor x) => kind switch
    {
        Resampling.Halve => x.AvgPool2d(2),
        Resampling.Double => x.UpsampleNearest2d(2),
        _ => x,
    };
}
