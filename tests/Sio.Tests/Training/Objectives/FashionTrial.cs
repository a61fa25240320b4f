using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Networks;
using Sio.Tests.Data;
using Sio.Training;
using Sio.Training.Objectives;

namespace Sio.Tests.Training.Objectives;

/// <summary>A few hundred steps on real pictures of clothes, of which six kinds are known and four are not: for what a method promises.</summary>
internal static class FashionTrial
{
    private static readonly int[] s_known = [0, 1, 2, 5, 7, 8];
    private static readonly int[] s_unseen = [3, 4, 6, 9];
    private static readonly Normalization s_normalization = new([0.286f], [0.353f]);
    private static readonly Lazy<(ImageSet Train, ImageSet Test, ImageSet Unseen)> s_sets = new(() =>
    {
        var (train, test) = (FashionMnist.LoadShipped(Split.Train), FashionMnist.LoadShipped(Split.Test));
        return (train.KeepClasses(s_known).Take(1800, 1), test.KeepClasses(s_known).Take(600, 1), test.HoldOutClasses(s_unseen).Take(400, 1));
    });

    /// <summary>1800 images of the known kinds.</summary>
    internal static ImageSet Train => s_sets.Value.Train;

    /// <summary>600 images of the known kinds.</summary>
    internal static ImageSet Test => s_sets.Value.Test;

    /// <summary>400 images of the others.</summary>
    internal static ImageSet Unseen => s_sets.Value.Unseen;

    /// <summary>Pictures of another kind altogether.</summary>
    internal static ImageSet Gratings { get; } = NoiseImages.Gratings(400, 1, 28, 28, seed: 6);

    /// <summary>Trains LeNet for 8 epochs of 29 batches; the caller disposes it.</summary>
    internal static Classifier Trained(string objective, ImageSet? auxiliary = null, params (string Key, string Value)[] settings)
    {
        using var folder = new TempFolder();
        var plan = new TrainingPlan
        {
            Epochs = 8, BatchSize = 64, RealRatio = 1, Seed = 5, LearningRate = 0.03, Normalization = s_normalization,
            Objective = new ObjectiveChoice(objective, settings.ToDictionary(entry => entry.Key, entry => entry.Value)),
        };
        return new Trainer(plan, "lenet", s_sets.Value.Train, null, auxiliary).Run(folder.Path, resume: false).Model;
    }

    /// <summary>What a network says of a set; the caller disposes it.</summary>
    internal static FeatureBank Bank(Classifier model, ImageSet set) => FeatureBank.Extract(model, set, s_normalization, keepImages: true);

    /// <summary>Share of the known images that a network classifies correctly, in per cent.</summary>
    internal static double Accuracy(Classifier model)
    {
        using var bank = Bank(model, Test);
        return 100.0 * bank.Predictions().Zip(Test.Labels).Count(pair => pair.First == pair.Second) / Test.Count;
    }

    /// <summary>How well a detector tells the known images from others.</summary>
    internal static double Auroc(Classifier model, ImageSet ood, string detector, params string[] settings) =>
        OodMetrics.Compute(Scores(model, Test, detector, settings), Scores(model, ood, detector, settings)).Auroc;

    /// <summary>A detector's scores.</summary>
    internal static float[] Scores(Classifier model, ImageSet set, string detector, params string[] settings)
    {
        using var made = DetectorFactory.Create(detector, settings);
        using var bank = Bank(model, set);
        return made.Score(bank);
    }
}
