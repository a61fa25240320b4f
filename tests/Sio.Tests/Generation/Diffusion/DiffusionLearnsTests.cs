using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Tests.Data;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

/// <summary>A diffusion model learns what its classes look like: a classifier that has seen real images alone tells its samples apart.</summary>
public sealed class DiffusionLearnsTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1.5, 2)]
    public void A_real_classifier_agrees_with_the_labels_of_samples(double guidance, double churn)
    {
        TorchRuntime.Threads = 1;
        using var folder = new TempFolder();
        var settings = new GeneratorSettings
        {
            Model = "diffusion",
            Plan = new GenerationPlan { Steps = 400, BatchSize = 24, EmaImages = 1000, SheetEverySteps = 0 },
            Diffusion = new DiffusionSettings
            {
                Channels = 8, Widths = [1, 2], Blocks = 1, Dropout = 0, LearningRate = 5e-3, WarmUpImages = 240,
                Sampling = new DiffusionSampling { Steps = 8, Guidance = guidance, Churn = churn },
            },
        };
        using var classifier = GanLearnsTests.ClassifierOfRealImages(folder.Path);
        double before, after;
        using (var untrained = GeneratorTrainer.NewModel(settings, GeneratorShape.Of(ToyImages.Set), 1, CPU))
            before = GanLearnsTests.Agreement(classifier, untrained);
        using (var trained = new GeneratorTrainer(settings, ToyImages.Set, 1).Run(folder.Path, resume: false).Model)
            after = GanLearnsTests.Agreement(classifier, trained);
        Assert.InRange(before, 0, 75);
        Assert.InRange(after, 95, 100);
    }
}
