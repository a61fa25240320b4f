using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>A network small enough to follow by hand: features are the pixels themselves, logits W f + b. One channel, standard deviation 0.5.</summary>
internal sealed class LinearPixels(Tensor weight, Tensor? bias = null) : IDetectionModel
{
    public IReadOnlyList<float> Std => [0.5f];

    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        var features = images.flatten(1);
        return (nn.functional.linear(features, weight, bias), features);
    }

    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images) => null;

    public Tensor LogitsFromStage(int stage, Tensor map) => throw new DetectionException("no stages");

    /// <summary>A bank of images [n,1,H,W] given by their pixels; it belongs to the open tensor scope.</summary>
    internal FeatureBank Bank(string name, int height, int width, params float[][] images)
    {
        var pixels = torch.tensor(images.SelectMany(image => image).ToArray(), [images.Length, 1, height, width]);
        var (logits, features) = Forward(pixels);
        return new FeatureBank(name, features.clone(), logits.clone(), new int[images.Length]) { Images = new BankImages(this, () => [pixels.clone()]) };
    }
}
