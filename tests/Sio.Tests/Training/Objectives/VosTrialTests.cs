using Sio.Data;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Nn;
using Sio.Optim;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>
/// What VOS promises, in 290 steps on real pictures of clothes: energies part, those of images from those of virtual outliers and from those of kinds that were never seen. With four features, where
/// the least likely of 10000 draws lie more than twice as far out as images; with LeNet's 84 they lie a third farther out, and energies do not part within a few hundred steps (AUROC 48 to 54 with
/// and without VOS, at weights from 0.1 to 1, six seeds).
/// </summary>
public sealed class VosTrialTests
{
    private const int Features = 4, Steps = 290, PerClass = 10;

    [Fact]
    public void Energies_part_more_than_without()
    {
        var (outliers, unseen, losses) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var seed in new[] { 5, 6, 7 })
        {
            using var scope = NewDisposeScope();
            var (control, own) = (Trained(seed, new CrossEntropy()), Trained(seed, new Vos { Weight = 1, Start = 0.1, SampleNumber = 100, Select = PerClass }));
            Assert.True(own.Accuracy > 90, $"accuracy {own.Accuracy}, {control.Accuracy} without");

            // E is convex in the features, so that far draws have the higher energy: below 50, and the farther from it the better.
            outliers.Add(control.OfOutliers - own.OfOutliers);
            unseen.Add(own.OfUnseen - control.OfUnseen);
            losses.Add(own.Uncertainty);
        }

        Assert.True(outliers.Min() > 2 && outliers.Average() > 4, $"virtual outliers: {string.Join(", ", outliers)}");
        Assert.True(unseen.Min() > 0 && unseen.Average() > 3, $"kinds never seen: {string.Join(", ", unseen)}");

        // ln 2 is what a layer has that cannot tell.
        Assert.True(losses.Max() < Math.Log(2) - 0.01, $"uncertainty {string.Join(", ", losses)}");
    }

    private static Outcome Trained(int seed, Objective objective)
    {
        using var generator = new Generator((ulong)seed, CPU);
        using var random = new Generator(9, CPU);
        using var model = new NarrowClassifier(Features, FashionTrial.Train.ClassCount, generator);
        objective.Attach(model, generator);
        using var optimizer = new Sgd([.. model.parameters(), .. objective.Layers.parameters()], 0.05, momentum: 0.9, weightDecay: 5e-4, nesterov: true);
        var (images, labels) = (Pixels(FashionTrial.Train), Labels(FashionTrial.Train));
        var sampler = new TwoSourceSampler(FashionTrial.Train.Count, 0, batchSize: 64, realRatio: 1, seed);
        for (var i = 0; i < Steps; i++)
        {
            using var inner = NewDisposeScope();
            var batch = sampler.GetBatch(i / sampler.BatchesPerEpoch, i % sampler.BatchesPerEpoch);
            var rows = torch.tensor(batch.Real.Select(index => (long)index).ToArray(), [batch.Count]);
            random.manual_seed((long)((ulong)((seed * 1000) + i)));
            optimizer.LearningRate = 0.05 * (1 - ((double)i / Steps));
            optimizer.ZeroGrad();
            objective.Loss(new ObjectiveStep
            {
                Network = model, Images = images.index_select(0, rows), Labels = labels.index_select(0, rows), RealCount = batch.Count, Step = i, TotalSteps = Steps, Random = random, Draws = RandomStream.For(seed, "test", i),
            }).Value.backward();
            optimizer.Step();
        }

        return Measured(model, objective, random, images, labels);
    }

    // Virtual outliers are drawn from the final features of all training images, with and without VOS alike.
    private static Outcome Measured(NarrowClassifier model, Objective objective, Generator random, Tensor images, Tensor labels)
    {
        using var noGrad = no_grad();
        using var queue = new FeatureQueue(FashionTrial.Train.ClassCount, 250, Features);
        queue.Add(model.Features(images), labels);
        Assert.True(queue.IsFull);
        var gaussians = FeatureGaussians.Of(queue.Features, 1e-4);
        var drawn = torch.cat([.. Enumerable.Range(0, 10).Select(_ => gaussians.LeastLikely(10_000, PerClass, random))]).to(ScalarType.Float32);
        var (own, unseen, outliers) = (model.call(Pixels(FashionTrial.Test)), model.call(Pixels(FashionTrial.Unseen)), model.Logits(drawn));

        // The regulariser's energy where there is one; Σ e^z, which it begins near to, where there is none.
        var weights = objective is Vos ? Value(objective.Layers, "weights") : torch.full([1, own.size(1)], 1, dtype: ScalarType.Float32);
        var (ofImages, ofOutliers) = (Vos.Energy(own, weights), Vos.Energy(outliers, weights));
        return new Outcome(
            100.0 * own.argmax(1).ToArray<long>().Zip(FashionTrial.Test.Labels).Count(pair => pair.First == pair.Second) / FashionTrial.Test.Count,
            Auroc(ofImages, ofOutliers), Auroc(own.logsumexp(1), unseen.logsumexp(1)), objective is Vos ? Uncertainty(objective, ofImages, ofOutliers) : double.NaN);
    }

    private static double Uncertainty(Objective objective, Tensor images, Tensor outliers)
    {
        var (weight, bias) = (Value(objective.Layers, "logistic.weight"), Value(objective.Layers, "logistic.bias"));
        return (Vos.Separation(images, weight, bias, images: true).mean().ToDouble() + Vos.Separation(outliers, weight, bias, images: false).mean().ToDouble()) / 2;
    }

    private static double Auroc(Tensor id, Tensor ood) => OodMetrics.Compute(id.ToArray<float>(), ood.ToArray<float>()).Auroc;

    private static Tensor Value(nn.Module module, string name) => module.StateDict().Single(entry => entry.Name == name).Value;

    private static Tensor Labels(ImageSet set) => torch.tensor(set.Labels.Select(label => (long)label).ToArray(), [set.Count]);

    private static Tensor Pixels(ImageSet set)
    {
        var pixels = torch.empty([set.Count, 1, 28, 28]);
        new BatchAugmentation([0.286f], [0.353f], 0, false, 0).FillPlain(set, 0, set.Count, pixels.AsSpan<float>());
        return pixels;
    }

    /// <param name="Accuracy">On test images, in per cent.</param>
    /// <param name="OfOutliers">AUROC of the regulariser's energy of test images against virtual outliers.</param>
    /// <param name="OfUnseen">AUROC of the plain energy of test images against kinds that were never seen.</param>
    /// <param name="Uncertainty">The regulariser's loss on test images and as many outliers; NaN where there is no regulariser.</param>
    private sealed record Outcome(double Accuracy, double OfOutliers, double OfUnseen, double Uncertainty);
}
