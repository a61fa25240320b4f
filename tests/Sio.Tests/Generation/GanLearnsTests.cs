using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Gan;
using Sio.Tests.Data;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

/// <summary>A GAN learns what its classes look like: a classifier that has seen real images alone tells its samples apart.</summary>
public sealed class GanLearnsTests
{
    [Theory]
    [InlineData(GanLoss.Hinge, true, 0, 1e-3, 4e-3)]
    [InlineData(GanLoss.NonSaturating, false, 1, 2e-3, 2e-3)]
    public void A_real_classifier_agrees_with_the_labels_of_samples(GanLoss loss, bool spectral, double r1, double generatorRate, double discriminatorRate)
    {
        TorchRuntime.Threads = 1;
        using var folder = new TempFolder();
        var settings = new GeneratorSettings
        {
            Model = "gan",
            Plan = new GenerationPlan { Steps = 200, BatchSize = 24, EmaImages = 400, SheetEverySteps = 0 },
            Gan = new GanSettings
            {
                Loss = loss, R1Gamma = r1, R1EverySteps = 8, SpectralNorm = spectral, Latent = 8, GeneratorChannels = 8, DiscriminatorChannels = 16,
                GeneratorLearningRate = generatorRate, DiscriminatorLearningRate = discriminatorRate, Augment = spectral ? [] : [GanAugmentation.Translation],
            },
        };
        var classifier = ClassifierOfRealImages(folder.Path);
        using (classifier)
        {
            double before, after;
            using (var untrained = GeneratorTrainer.NewModel(settings, GeneratorShape.Of(ToyImages.Set), 1, CPU))
                before = Agreement(classifier, untrained);
            using (var trained = new GeneratorTrainer(settings, ToyImages.Set, 1).Run(folder.Path, resume: false).Model)
                after = Agreement(classifier, trained);
            Assert.InRange(before, 0, 75);
            Assert.InRange(after, 95, 100);
        }
    }

    internal static Sio.Networks.Classifier ClassifierOfRealImages(string folder)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "classifier")).FullName;
        var plan = new TrainingPlan { Epochs = 4, BatchSize = 16, RealRatio = 1, Seed = 1, LearningRate = 0.05, Normalization = new Normalization([0.5f], [0.5f]) };
        return new Trainer(plan, "resnet8_28x28", ToyImages.Set, null).Run(place, resume: false).Model;
    }

    internal static double Agreement(Sio.Networks.Classifier classifier, GeneratorModel model)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var samples = new GeneratorSampler(model, 5, CPU).Sample(0, 128);
        var images = torch.tensor(samples.Pixels, [128, 1, ToyImages.Side, ToyImages.Side]).to(ScalarType.Float32) * (1 / 127.5) - 1;
        var predicted = classifier.call(images).argmax(1).ToArray<long>();
        return 100.0 * predicted.Zip(samples.Labels, (a, b) => a == b ? 1 : 0).Sum() / 128;
    }
}
