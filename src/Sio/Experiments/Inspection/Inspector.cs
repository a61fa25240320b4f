using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Evaluation.Generated;
using Sio.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Experiments.Inspection;

/// <summary>
/// Says how good a synthetic set is: how its images lie among real ones, what a classifier makes of them, what they teach one, and whether they are copies. Every measure
/// stands beside its value for real images.
/// </summary>
public sealed class Inspector
{
    private const int ClosestPairs = 240, ClosestPerClass = 6;

    private readonly InspectionPlan _plan;
    private readonly InspectedData _data;
    private readonly RunObserver _observer;
    private readonly CancellationToken _cancellation;
    private readonly int _perSide;

    private Inspector(InspectionPlan plan, RunObserver observer, CancellationToken cancellation)
    {
        (_plan, _observer, _cancellation) = (plan, observer, cancellation);
        _data = InspectedData.Load(plan, cancellation);
        _perSide = Math.Min(Math.Min(plan.MaxImages, _data.Synthetic.Count), Math.Min(_data.Real.Test.Count, _data.Real.Train.Count / 2));
        if (_perSide <= plan.K)
        {
            throw new DataException(ImageSet.Text(
                $"k = {plan.K} needs more than {plan.K} images a side, and there are {_perSide}: the least of {_data.Synthetic.Count} synthetic, {_data.Real.Test.Count} held-out and half of {_data.Real.Train.Count} training images (at most {plan.MaxImages})"));
        }
    }

    /// <summary>Inspects a set and writes <c>inspect.json</c>, pictures and the classifiers' runs.</summary>
    /// <param name="plan">What, against what, and how.</param>
    /// <param name="observer">Is told how far things are.</param>
    /// <param name="cancellation">Stops after the step under way; a classifier's checkpoint stays, and the next call goes on from it.</param>
    /// <exception cref="DataException">Images are missing or do not fit, a class has too few, or the folder cannot be written.</exception>
    /// <exception cref="RecipeException">The recipe or an override is wrong.</exception>
    /// <exception cref="DetectionException">The classifier gives NaN or infinite values.</exception>
    /// <exception cref="Training.TrainingFailedException">A classifier's loss is no number any more.</exception>
    public static Inspection Inspect(InspectionPlan plan, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.K, 1, nameof(plan));
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.MaxImages, 2, nameof(plan));
        if (!(plan.CopyQuantile > 0 && plan.CopyQuantile < 1))
            throw new ArgumentOutOfRangeException(nameof(plan), plan.CopyQuantile, "The quantile must lie in (0, 1).");
        return new Inspector(plan, observer ?? new RunObserver(), cancellation).Inspect();
    }

    private Inspection Inspect()
    {
        RunFolder.Create(_plan.Output);
        var (run, folder) = Classifier();
        _observer.Begin("features");
        using var banks = InspectedBanks.Extract(run, folder, _data, _observer, _cancellation);
        _observer.End(ImageSet.Text($"{banks.Training.Count + banks.HeldOut.Count + banks.Synthetic.Count} images"));

        _observer.Begin("distances");
        var (synthetic, manifold, chosen, chosenReal) = Distribution(banks, banks.Synthetic, _data.Synthetic);
        var (heldOut, _, _, _) = Distribution(banks, banks.HeldOut, _data.Real.Test);
        var rest = Rest(_data.Real.Train, _perSide);
        var split = Measure(banks, Reference(), banks.Training, rest).Measures;
        var realism = _plan.WithRealism ? Realism(banks) : null;
        var (pixels, heldOutPixels) = (NearestNeighbours.Among(_data.Synthetic, _data.Real.Train, _cancellation), NearestNeighbours.Among(_data.Real.Test, _data.Real.Train, _cancellation));
        var features = NearestNeighbours.Among(banks.Synthetic.Features, banks.Training.Features, _cancellation);
        var heldOutFeatures = NearestNeighbours.Among(banks.HeldOut.Features, banks.Training.Features, _cancellation);
        _observer.End("done");
        var trained = _plan.TrainOnSynthetic ? TrainedOnSynthetic(run) : null;

        var threshold = Quantile(heldOutPixels.Distances, _plan.CopyQuantile);
        var results = new InspectionResults
        {
            Set = InspectedImages.Of(_data.Synthetic, InspectedData.IsShipped(_plan.Set) ? _plan.Set : _data.Path),
            Training = InspectedImages.Of(_data.Real.Train, _plan.Against),
            HeldOut = InspectedImages.Of(_data.Real.Test, _plan.HeldOut ?? _plan.Against),
            Classes = _data.ClassNames,
            Classifier = folder.Path,
            Network = run.Recipe.Network.Name,
            Features = (int)banks.Training.Features.size(1),
            ImagesPerSide = _perSide,
            K = _plan.K,
            Seed = _plan.Seed,
            Synthetic = synthetic,
            RealHeldOut = heldOut,
            RealSplit = split,
            ExpectedCoverage = ManifoldMeasures.ExpectedCoverage(_perSide, _perSide, _plan.K),
            PerClass = PerClass(manifold, chosen, chosenReal),
            RealOnHeldOut = AccuracyOf(banks.HeldOut.Predictions(), _data.Real.Test),
            RealOnSynthetic = AccuracyOf(banks.Synthetic.Predictions(), _data.Synthetic),
            SyntheticOnHeldOut = trained,
            CopiesInPixels = Copies(pixels.Distances, heldOutPixels.Distances),
            CopiesInFeatures = Copies(features.Distances, heldOutFeatures.Distances),
            CopyQuantile = _plan.CopyQuantile,
            CopyThreshold = threshold,
            SuspectedCopies = pixels.Distances.Count(distance => distance < threshold),
            Closest = Closest(pixels),
        };
        results = results with
        {
            Pictures = InspectionPictures.Write(_plan.Output, _data, results, (pixels.Distances, heldOutPixels.Distances)),
        };
        results.Write(Path.Combine(_plan.Output, "inspect.json"));
        return new Inspection
        {
            Results = results,
            Stored = _data.Stored,
            Labels = _data.Synthetic.Labels,
            Predictions = banks.Synthetic.Predictions(),
            Confidence = OwnProbability(banks.Synthetic),
            Neighbours = pixels,
            Realism = realism,
        };
    }

    private (Run Run, RunFolder Folder) Classifier()
    {
        if (_plan.Classifier is { } path)
        {
            var given = new RunFolder(path);
            if (!File.Exists(given.RecipePath))
                throw new DataException($"{given.Path} is no run: recipe.yml was expected there");
            var recipe = RecipeReader.Read<Recipe>(given.RecipePath) with { Synthetic = new SyntheticRecipe() };
            return (Run.Prepare(recipe, _data.Real), given);
        }

        var folder = new RunFolder(Path.Combine(_plan.Output, "classifier-real"));
        var run = Run.Prepare(_data.Recipe, _data.Real);
        Train(run, folder, "classifier on real images");
        return (run, folder);
    }

    // The same recipe with a real ratio of 0: as many batches as the real images fill, so that both classifiers cost the same.
    private ClassAccuracy TrainedOnSynthetic(Run real)
    {
        var synthetic = new SyntheticRecipe { Path = _data.Path, RealRatio = 0, Order = SamplingOrder.Continuous };
        var run = Run.Prepare(real.Recipe with { Name = real.Recipe.Name + "-synthetic", Synthetic = synthetic }, _data.Real);
        var folder = new RunFolder(Path.Combine(_plan.Output, $"classifier-synthetic-{_data.Synthetic.ContentHash[..8]}"));
        Train(run, folder, "classifier on synthetic images");
        using var model = run.LoadModel(folder);
        using var bank = FeatureBank.Extract(model, _data.Real.Test, run.Normalization, run.Recipe.Evaluation.BatchSize, cancellation: _cancellation);
        return AccuracyOf(bank.Predictions(), _data.Real.Test);
    }

    private void Train(Run run, RunFolder folder, string what)
    {
        _observer.Begin(what);
        var seconds = run.Train(folder, resume: true, _observer, _cancellation);
        _observer.End(ImageSet.Text($"trained in {seconds:F0} s"));
    }

    private int[] Reference() => _data.Real.Train.Choose(_perSide, _plan.Seed, stratified: true);

    private int[] Rest(ImageSet set, int count)
    {
        var taken = Reference().ToHashSet();
        int[] rest = [.. Enumerable.Range(0, set.Count).Where(i => !taken.Contains(i))];
        var part = set.Select(rest).Choose(count, _plan.Seed, stratified: true);
        return Array.ConvertAll(part, i => rest[i]);
    }

    private (DistributionMeasures Measures, ManifoldMeasures Manifold, int[] Chosen, int[] Real) Distribution(InspectedBanks banks, FeatureBank bank, ImageSet set)
    {
        var (reference, chosen) = (Reference(), set.Choose(_perSide, _plan.Seed, stratified: true));
        var (measures, manifold) = Measure(banks, reference, bank, chosen);
        return (measures, manifold, chosen, reference);
    }

    private (DistributionMeasures Measures, ManifoldMeasures Manifold) Measure(InspectedBanks banks, int[] reference, FeatureBank bank, int[] chosen)
    {
        _cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var (real, other) = (InspectedBanks.Rows(banks.Training, reference), InspectedBanks.Rows(bank, chosen));
        var manifold = ManifoldMeasures.Compute(real, other, _plan.K);
        return (new DistributionMeasures
        {
            Frechet = FrechetDistance.Compute(real, other),
            Kernel = KernelDistance.Compute(real, other),
            Precision = manifold.Precision,
            Recall = manifold.Recall,
            Density = manifold.Density,
            Coverage = manifold.Coverage,
        }, manifold);
    }

    private double[] Realism(InspectedBanks banks)
    {
        using var scope = NewDisposeScope();
        return ManifoldMeasures.Compute(InspectedBanks.Rows(banks.Training, Reference()), banks.Synthetic.Features, _plan.K).Realism;
    }

    private ClassMeasures[] PerClass(ManifoldMeasures manifold, int[] chosen, int[] real) => [.. Enumerable.Range(0, _data.Real.Train.ClassCount).Select(c => new ClassMeasures
    {
        Precision = Share(chosen, _data.Synthetic, c, i => manifold.BallsAround[i] > 0),
        Recall = Share(real, _data.Real.Train, c, i => manifold.Reached[i]),
        Coverage = Share(real, _data.Real.Train, c, i => manifold.Covered[i]),
    })];

    private static double Share(int[] chosen, ImageSet set, int label, Func<int, bool> holds)
    {
        int[] ours = [.. Enumerable.Range(0, chosen.Length).Where(i => set.Labels[chosen[i]] == label)];
        return ours.Length == 0 ? 0 : ours.Count(holds) / (double)ours.Length;
    }

    private static ClassAccuracy AccuracyOf(int[] predictions, ImageSet set) => new()
    {
        Overall = Accuracy.Compute(predictions, set.Labels),
        PerClass = [.. Enumerable.Range(0, set.ClassCount).Select(c => Accuracy.Compute(predictions, Array.ConvertAll(set.Labels, label => label == c ? c : ImageSet.OodLabel)))],
    };

    private CopyMeasures Copies(double[] synthetic, double[] heldOut)
    {
        var classes = _data.Real.Train.ClassCount;
        var labels = _data.Real.Test.Labels;
        var test = CopyTest.Compute(synthetic, _data.Synthetic.Labels, heldOut, labels, classes);
        var half = _data.Real.Test.Choose(heldOut.Length / 2, _plan.Seed, stratified: true);
        var isHalf = new bool[heldOut.Length];
        Array.ForEach(half, i => isHalf[i] = true);
        int[] other = [.. Enumerable.Range(0, heldOut.Length).Where(i => !isHalf[i])];
        var floor = CopyTest.Compute(
            Array.ConvertAll(half, i => heldOut[i]), Array.ConvertAll(half, i => labels[i]), Array.ConvertAll(other, i => heldOut[i]), Array.ConvertAll(other, i => labels[i]), classes);
        return new CopyMeasures
        {
            MedianSynthetic = Quantile(synthetic, 0.5),
            MedianHeldOut = Quantile(heldOut, 0.5),
            Z = test.Z,
            C = Finite(test.C),
            PerClass = [.. test.PerCell.Select(Finite)],
            Floor = Finite(floor.C),
        };
    }

    // Of each class some: the closest of all would mostly be of the class with the least to vary.
    private ClosePair[] Closest(NearestNeighbours neighbours) =>
    [
        .. Enumerable.Range(0, neighbours.Indices.Length).GroupBy(i => _data.Synthetic.Labels[i]).OrderBy(group => group.Key)
            .SelectMany(group => group.OrderBy(i => neighbours.Distances[i]).Take(Math.Clamp(ClosestPairs / _data.Synthetic.ClassCount, 1, ClosestPerClass)))
            .Select(i => new ClosePair(i, _data.Synthetic.Labels[i], neighbours.Indices[i], _data.Real.Train.Labels[neighbours.Indices[i]], neighbours.Distances[i])),
    ];

    private static double[] OwnProbability(FeatureBank bank)
    {
        using var scope = NewDisposeScope();
        var labels = torch.tensor(Array.ConvertAll(bank.Labels, label => (long)label), [bank.Count, 1]);
        return bank.Logits.to(ScalarType.Float64).softmax(1).gather(1, labels).ToArray<double>();
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>The smallest value that at least this share of the values does not exceed.</summary>
    internal static double Quantile(double[] values, double share)
    {
        var sorted = (double[])values.Clone();
        Array.Sort(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
