using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>What detectors share that move an image along the gradient of what the network says of it, and look at how the answer changes.</summary>
internal static class InputSteps
{
    /// <summary>The gradient [n,channels,H,W] of a sum over images, and the forward pass it comes from; nothing of it is recorded any more.</summary>
    /// <param name="model">The network.</param>
    /// <param name="images">[n,channels,H,W], normalised.</param>
    /// <param name="sum">A number made of the logits [n,C]: a sum of one term per image, so that no image's gradient depends on the batch it is in.</param>
    /// <exception cref="DetectionException">The network cannot be differentiated: one made elsewhere may cut its gradients off.</exception>
    internal static (Tensor Gradient, Tensor Logits, Tensor Features) Gradient(IDetectionModel model, Tensor images, Func<Tensor, Tensor> sum) =>
        Gradient(model, images, (logits, _) => sum(logits));

    /// <param name="model">The network.</param>
    /// <param name="images">[n,channels,H,W], normalised.</param>
    /// <param name="sum">A number made of the logits [n,C] and the features [n,D]: a sum of one term per image.</param>
    /// <inheritdoc cref="Gradient(IDetectionModel, Tensor, Func{Tensor, Tensor})"/>
    internal static (Tensor Gradient, Tensor Logits, Tensor Features) Gradient(IDetectionModel model, Tensor images, Func<Tensor, Tensor, Tensor> sum)
    {
        using var recorded = enable_grad();
        var input = images.detach();
        input.requires_grad = true;
        try
        {
            var (logits, features) = model.Forward(input);
            var gradient = InputGradients.Of(sum(logits, features), input);
            return (gradient, logits.detach(), features.detach());
        }
        catch (ExternalException error)
        {
            throw new DetectionException($"the network gives no gradient with respect to its images ({TorchErrors.Describe(error)})");
        }
    }

    /// <summary>Refuses a temperature or a step of ODIN's that is none.</summary>
    /// <exception cref="DetectionException">The temperature is not above 0, the step is negative, or one of them is not finite.</exception>
    internal static void RefuseOdin(string detector, double temperature, double noise)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new DetectionException(FormattableString.Invariant($"{detector}: the temperature is {temperature}, a finite number above 0 is needed"));
        if (!(noise >= 0 && double.IsFinite(noise)))
            throw new DetectionException(FormattableString.Invariant($"{detector}: the noise is {noise}, a finite number that is not negative is needed"));
    }

    /// <summary>
    /// ODIN's gradient, that of the cross-entropy of z/T with the predicted class, and its step [n,channels,H,W] before any choice of pixels (<see cref="Along"/>).
    /// </summary>
    /// <exception cref="DetectionException">The images have another number of channels than the normalisation.</exception>
    internal static (Tensor Gradient, Tensor Step) Odin(string detector, IDetectionModel model, Tensor images, double temperature, double noise)
    {
        // Before the passes, which may take their time.
        RefuseChannels(detector, model, images);
        var (gradient, _, _) = Gradient(model, images, logits =>
        {
            var scaled = logits / temperature;
            // The mean over the batch, times its size.
            return nn.functional.cross_entropy(scaled, scaled.detach().argmax(1)) * images.size(0);
        });
        return (gradient, Along(detector, model, gradient, noise));
    }

    /// <summary>
    /// A step [n,channels,H,W] up a gradient, of one length in every pixel: the gradient's sign, +1 for zero as in the peers' code, times ε over the normalisation's
    /// standard deviation of the channel.
    /// </summary>
    /// <param name="detector">Who asks.</param>
    /// <param name="model">Whose normalisation the images have.</param>
    /// <param name="gradient">[n,channels,H,W].</param>
    /// <param name="length">ε, on the scale of pixel values from 0 to 1; negative for a step down.</param>
    /// <exception cref="DetectionException">The images have another number of channels than the normalisation.</exception>
    internal static Tensor Along(string detector, IDetectionModel model, Tensor gradient, double length)
    {
        RefuseChannels(detector, model, gradient);
        var step = torch.tensor(model.Std.Select(value => (float)(length / value)).ToArray(), [1, gradient.size(1), 1, 1]).to(gradient.device);
        return torch.where(gradient.ge(0), step, -step);
    }

    /// <summary>max softmax(z/T) of logits [n,C].</summary>
    internal static float[] Confidence(Tensor logits, double temperature)
    {
        // Probabilities differ from 1/C in their fourth digit: float64 keeps what float32 would round away.
        return (logits.to(ScalarType.Float64) / temperature).softmax(1).amax([1]).to(ScalarType.Float32).ToArray<float>();
    }

    /// <summary>1 at the given places [n,k] of each image, counted over channels, rows and columns, and 0 elsewhere: [n,channels,H,W].</summary>
    internal static Tensor Mask(Tensor images, Tensor places) => images.flatten(1).zeros_like().scatter(1, places, torch.ones(places.shape, images.dtype, images.device)).reshape(images.shape);

    private static void RefuseChannels(string detector, IDetectionModel model, Tensor images)
    {
        if (images.size(1) != model.Std.Count)
            throw new DetectionException($"{detector}: images of {images.size(1)} channels, the network's normalisation has {model.Std.Count}");
    }
}
