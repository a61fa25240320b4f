using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Tests.Data;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>LeNet on a few images of Fashion-MNIST, some 300 steps, and what a control with plain cross-entropy makes of the same images.</summary>
public sealed class MixingTrials : IDisposable
{
    private static readonly Normalization s_normalization = new([0.5f], [0.5f]);

    public MixingTrials() => Control = Trained("cross_entropy");

    internal static ImageSet Train { get; } = FashionMnist.LoadShipped(Split.Train).Take(1600, seed: 1);

    internal static ImageSet Test { get; } = FashionMnist.LoadShipped(Split.Test).Take(500, seed: 1);

    internal Classifier Control { get; }

    public void Dispose() => Control.Dispose();

    internal static Classifier Trained(string objective, ImageSet? auxiliary = null, params (string Key, string Value)[] settings)
    {
        using var folder = new TempFolder();
        var plan = new TrainingPlan
        {
            Epochs = 12,
            BatchSize = 64,
            RealRatio = 1,
            Seed = 1,
            LearningRate = 0.03,
            Normalization = s_normalization,
            Objective = new ObjectiveChoice(objective, settings.ToDictionary(entry => entry.Key, entry => entry.Value)),
        };
        return new Trainer(plan, "lenet", Train, null, auxiliary).Run(folder.Path, resume: false).Model;
    }

    /// <summary>Test images as the network sees them, each after a transform; in the caller's scope.</summary>
    internal static Tensor Images(ImageTransform? transform = null, int view = 0, ImageSet? set = null)
    {
        set ??= Test;
        var images = torch.empty([set.Count, 1, 28, 28]);
        var augmentation = new BatchAugmentation(s_normalization.Mean, s_normalization.Std, 0, false, seed: 77);
        augmentation.Fill(new Batch([.. Enumerable.Range(0, set.Count)], []), set, null, images.AsSpan<float>(), transform, view);
        return images;
    }

    /// <summary>Logits of images.</summary>
    internal static Tensor Logits(Classifier model, Tensor images)
    {
        using var noGrad = no_grad();
        return model.call(images);
    }

    /// <summary>Share of images that are classified correctly.</summary>
    internal static double Accuracy(Classifier model, ImageTransform? transform = null)
    {
        using var scope = NewDisposeScope();
        return Logits(model, Images(transform)).argmax(1).ToArray<long>().Zip(Test.Labels).Count(pair => pair.First == pair.Second) / (double)Test.Count;
    }

    /// <summary>Mean cross-entropy on transformed test images.</summary>
    internal static double Loss(Classifier model, ImageTransform transform)
    {
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(Logits(model, Images(transform)), Labels()).ToDouble();
    }

    /// <summary>Mean cross-entropy on test images of which each is mixed half and half with the one opposite, against labels mixed likewise.</summary>
    /// <param name="model">The network.</param>
    /// <param name="cut">True puts the lower half of the other in; false blends.</param>
    internal static double MixedLoss(Classifier model, bool cut)
    {
        using var scope = NewDisposeScope();
        var order = torch.tensor(((long[])[.. Enumerable.Range(0, Test.Count).Select(i => (long)(Test.Count - 1 - i))]), [Test.Count]);
        var (images, labels) = (Images(), Labels());
        var others = images.index_select(0, order);
        var mixed = cut ? torch.cat([images.narrow(2, 0, 14), others.narrow(2, 14, 14)], dim: 2) : (images + others) / 2;
        var logits = Logits(model, mixed);
        return (nn.functional.cross_entropy(logits, labels) + nn.functional.cross_entropy(logits, labels.index_select(0, order))).ToDouble() / 2;
    }

    /// <summary>Mean of the largest softmax value.</summary>
    internal static double Confidence(Classifier model, ImageSet set)
    {
        using var scope = NewDisposeScope();
        return Logits(model, Images(set: set)).softmax(1).amax([1]).mean().ToDouble();
    }

    private static Tensor Labels() => torch.tensor(Array.ConvertAll(Test.Labels, label => (long)label), [Test.Count]);
}
