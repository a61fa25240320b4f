using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

/// <summary>Diffusion models of a few thousand weights for <see cref="ToyImages"/>.</summary>
internal static class ToyDiffusion
{
    /// <summary>Everything random is in use: dropout, class dropout, all augmentation, churn.</summary>
    internal static GeneratorSettings Settings { get; } = ToyImages.Settings with
    {
        Model = "diffusion",
        Diffusion = new DiffusionSettings
        {
            Channels = 4,
            Widths = [1, 2],
            Blocks = 1,
            Dropout = 0.2,
            ClassDropout = 0.3,
            WarmUpImages = 64,
            Augment = Enum.GetValues<DiffusionAugmentation>(),
            AugmentProbability = 0.5,
            Sampling = new DiffusionSampling { Steps = 3, Churn = 1, Guidance = 2 },
        },
    };

    internal static EdmDiffusion Model(GeneratorSettings settings, GeneratorShape? shape = null)
    {
        TorchRuntime.Threads = 1;
        var model = (EdmDiffusion)GeneratorTrainer.NewModel(settings, shape ?? GeneratorShape.Of(ToyImages.Set), 3, CPU);
        Randomise(model.Released);
        return model;
    }

    /// <summary>Weights that make every input matter: at first the last layer is zero.</summary>
    internal static void Randomise(nn.Module network)
    {
        using var generator = new Generator(11);
        using var noGrad = no_grad();
        foreach (var weight in network.parameters())
            weight.normal_(0, 0.2, generator: generator);
    }

    /// <summary>The largest difference between two tensors' elements.</summary>
    internal static double Largest(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();
}
