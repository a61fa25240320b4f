using Sio.Data;

namespace Sio.Networks;

/// <summary>A network of which a part is computed from the training images before training begins.</summary>
public interface IFittedToImages
{
    /// <summary>Computes that part. The network is on the CPU.</summary>
    /// <param name="images">Training images.</param>
    /// <param name="normalization">The one they are trained with.</param>
    public void FitTo(ImageSet images, Normalization normalization);
}
