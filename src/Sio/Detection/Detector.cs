using Sio.Torch;

namespace Sio.Detection;

/// <summary>What detectors may fit on.</summary>
/// <param name="Train">Training images without augmentation.</param>
/// <param name="HeadWeight">Weight of the last layer, [C,D].</param>
/// <param name="HeadBias">Bias of the last layer, [C].</param>
public sealed record DetectorFit(FeatureBank Train, Tensor HeadWeight, Tensor HeadBias);

/// <summary>
/// Tells in-distribution images from others by a score: <b>higher means more in-distribution</b>. A class in <c>Detectors/</c> with a
/// <see cref="CatalogEntryAttribute"/> is found by its name; there is no list to keep.
/// </summary>
public abstract class Detector : IDisposable
{
    /// <summary>Whether <see cref="Fit"/> must come before <see cref="Score"/>.</summary>
    public virtual bool NeedsFit => false;

    /// <summary>Learns from in-distribution images. Does nothing for detectors that need nothing.</summary>
    /// <exception cref="DetectionException">There are too few images, or sizes do not fit.</exception>
    public virtual void Fit(DetectorFit fit)
    {
    }

    /// <summary>Scores every image of a bank.</summary>
    /// <returns>[N], higher means more in-distribution.</returns>
    /// <exception cref="DetectionException">The detector has not been fitted, or sizes do not fit.</exception>
    public abstract float[] Score(FeatureBank bank);

    /// <summary>Frees what was fitted.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what was fitted.</summary>
    /// <param name="disposing">False only from a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
