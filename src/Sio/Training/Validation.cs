using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>Measures a network between two epochs: on images that are not trained on, in evaluation mode, without augmentation.</summary>
internal sealed class Validation
{
    private const int BatchSize = 256;

    private readonly ImageSet _images;
    private readonly Normalization _normalization;
    private readonly Device _device;

    /// <summary>Takes the images.</summary>
    /// <param name="images">ID images with labels from 0; at least one.</param>
    /// <param name="normalization">That of training.</param>
    /// <param name="device">Where the network is.</param>
    internal Validation(ImageSet images, Normalization normalization, Device device) =>
        (_images, _normalization, _device) = (images, normalization, device);

    /// <summary>Per cent of the images that the network classifies correctly. It is in training mode before and after.</summary>
    internal double Accuracy(Classifier model)
    {
        using var noGrad = no_grad();
        SetTraining(model, on: false);
        long correct = 0;
        var start = 0;
        foreach (var images in EvaluationBatches.Of(_images, _normalization, BatchSize))
        {
            using (images)
            {
                using var scope = NewDisposeScope();
                foreach (var prediction in model.call(images.to(_device)).argmax(1).ToArray<long>())
                    correct += prediction == _images.Labels[start++] ? 1 : 0;
            }
        }

        SetTraining(model, on: true);
        return 100.0 * correct / _images.Count;
    }

    private static void SetTraining(Classifier model, bool on)
    {
        model.train(on);
        model.Extension!.train(on);
    }
}
