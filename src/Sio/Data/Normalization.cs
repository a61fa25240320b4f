namespace Sio.Data;

/// <summary>(x/255 − mean)/std per channel, the same in training and in every evaluation of the network.</summary>
/// <param name="Mean">Per channel, in 0…1.</param>
/// <param name="Std">Per channel, above 0.</param>
public sealed record Normalization(float[] Mean, float[] Std)
{
    /// <summary>The transform without augmentation.</summary>
    public BatchAugmentation Evaluation() => BatchAugmentation.Evaluation(Mean, Std);
}
