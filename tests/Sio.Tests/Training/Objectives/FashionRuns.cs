using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>A few hundred steps on Fashion-MNIST, to see whether a method does what it promises: the same images, seed and schedule for it and for the control.</summary>
internal static class FashionRuns
{
    private static readonly Lazy<ImageSet> s_train = new(() => FashionMnist.LoadShipped(Split.Train).Take(2000, seed: 1));
    private static readonly Lazy<ImageSet> s_test = new(() => FashionMnist.LoadShipped(Split.Test).Take(500, seed: 1));

    /// <summary>Images that no method is trained on.</summary>
    internal static ImageSet Test => s_test.Value;

    /// <summary>Trains LeNet in 252 steps.</summary>
    /// <param name="folder">Where the run goes.</param>
    /// <param name="objective">The method.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="auxiliary">Auxiliary images.</param>
    /// <param name="init">Weights to start from.</param>
    /// <param name="learningRate">The first learning rate.</param>
    internal static Classifier Train(string folder, string objective, Dictionary<string, string>? settings = null, ImageSet? auxiliary = null, string? init = null, double learningRate = 0.05)
    {
        Directory.CreateDirectory(folder);
        var plan = new TrainingPlan
        {
            Epochs = 8, BatchSize = 64, RealRatio = 1, Seed = 5, LearningRate = learningRate, Normalization = new Normalization([0.286f], [0.353f]), Init = init,
            Objective = new ObjectiveChoice(objective, settings ?? []),
        };
        return new Trainer(plan, "lenet", s_train.Value, null, auxiliary).Run(folder, resume: false).Model;
    }

    /// <summary>Penultimate features of images, [N,D], in the caller's scope.</summary>
    internal static Tensor Features(Classifier model, ImageSet images)
    {
        using var noGrad = no_grad();
        var pixels = torch.empty([images.Count, 1, 28, 28]);
        new BatchAugmentation([0.286f], [0.353f], 0, false, 0).FillPlain(images, 0, images.Count, pixels.AsSpan<float>());
        return model.Features(pixels);
    }

    /// <summary>Logits of images, [N,C], in the caller's scope.</summary>
    internal static Tensor Logits(Classifier model, ImageSet images)
    {
        using var noGrad = no_grad();
        return model.Logits(Features(model, images));
    }

    /// <summary>Per cent of the test images that logits [500,C] are right about.</summary>
    internal static double Accuracy(Tensor logits) => 100.0 * logits.argmax(1).ToArray<long>().Zip(Test.Labels).Count(pair => pair.First == pair.Second) / Test.Count;

    internal static double Mean(Tensor values) => values.mean().ToDouble();

    /// <summary>The mean over images of the largest probability.</summary>
    internal static double Confidence(Tensor logits) => Mean(logits.softmax(1).amax([1]));
}
