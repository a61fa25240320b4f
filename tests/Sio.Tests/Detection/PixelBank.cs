using Sio.Data;
using Sio.Detection;
using Sio.Tests.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Banks of networks whose features are their pixels; the normalisation's standard deviation is ½.</summary>
internal static class PixelBank
{
    internal const float Deviation = 0.5f;

    /// <summary>A bank of images of one channel given by their pixels; the caller disposes it.</summary>
    internal static FeatureBank Of(PixelClassifier network, int height, params float[][] images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var model = new ClassifierModel(network, new Normalization([0], [Deviation]));
        float[] values = [.. images.SelectMany(image => image)];
        var (logits, features) = model.Forward(Pixels());
        return new FeatureBank("toy", features.clone(), logits.clone(), new int[images.Length]) { Images = new BankImages(model, () => [Pixels()]) };

        Tensor Pixels() => torch.tensor(values, [images.Length, 1, height, images[0].Length / height]);
    }
}
