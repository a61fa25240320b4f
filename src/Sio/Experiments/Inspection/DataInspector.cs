using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Evaluation.Generated;
using static TorchSharp.torch;

namespace Sio.Experiments.Inspection;

/// <summary>
/// A first look at a synthetic set, in seconds and without a classifier: how many images of which class and size, and whether they are copies of training images. <see cref="Inspector"/> says
/// how good they are.
/// </summary>
public static class DataInspector
{
    private const int PerClass = 16, PairsPerClass = 6, LargeEnough = 48;

    /// <summary>Looks, and writes <c>data-inspect.json</c> and contact sheets.</summary>
    /// <param name="plan">What and against what; of the rest, <see cref="InspectionPlan.Output"/> and <see cref="InspectionPlan.CopyQuantile"/> count here.</param>
    /// <param name="observer">Is told how far things are.</param>
    /// <param name="cancellation">Stops between blocks of images.</param>
    /// <exception cref="DataException">Images are missing or do not fit.</exception>
    /// <exception cref="Recipes.RecipeException">A recipe or an override is wrong.</exception>
    public static DataInspection Inspect(InspectionPlan plan, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!(plan.CopyQuantile > 0 && plan.CopyQuantile < 1))
            throw new ArgumentOutOfRangeException(nameof(plan), plan.CopyQuantile, "The quantile must lie in (0, 1).");
        var (_, real, _) = InspectedData.LoadReal(plan, cancellation);
        var notes = new List<string>();
        var (path, _, synthetic) = InspectedData.LoadSynthetic(plan, real, notes.Add, cancellation);
        Directory.CreateDirectory(plan.Output);
        observer?.Begin("copies");
        var exact = ExactCopies.Find(synthetic, real.Train);
        var (near, heldOut) = Neighbours(synthetic, real, cancellation);
        var threshold = Inspector.Quantile(heldOut.Distances, plan.CopyQuantile);
        observer?.End(ImageSet.Text($"{synthetic.Count} images compared with {real.Train.Count}"));
        var result = new DataInspection
        {
            Set = InspectedImages.Of(synthetic, InspectedData.IsShipped(plan.Set) ? plan.Set : path),
            Training = InspectedImages.Of(real.Train, plan.Against),
            HeldOut = InspectedImages.Of(real.Test, plan.HeldOut ?? plan.Against),
            Shape = [synthetic.Channels, synthetic.Height, synthetic.Width],
            Notes = notes,
            Classes = InspectedData.NamesOf(real.Train),
            SyntheticPerClass = synthetic.CountPerClass(),
            TrainingPerClass = real.Train.CountPerClass(),
            Repeated = exact.Repeated,
            ExactCopies = exact.Copied,
            ExactCopiesOfOtherClass = Enumerable.Range(0, synthetic.Count).Count(i => exact.InOther[i] >= 0 && synthetic.Labels[i] != real.Train.Labels[exact.InOther[i]]),
            ExactCopiesOfHeldOut = ExactCopies.Find(synthetic, real.Test).Copied,
            HeldOutInTraining = ExactCopies.Find(real.Test, real.Train).Copied,
            NearQuantile = plan.CopyQuantile,
            NearThreshold = threshold,
            NearCopies = near.Distances.Count(distance => distance <= threshold),
            MedianSynthetic = Inspector.Quantile(near.Distances, 0.5),
            MedianHeldOut = Inspector.Quantile(heldOut.Distances, 0.5),
            Closest =
            [
                .. Enumerable.Range(0, synthetic.Count).GroupBy(i => synthetic.Labels[i]).OrderBy(group => group.Key)
                    .SelectMany(group => group.OrderBy(i => near.Distances[i]).ThenBy(i => i).Take(PairsPerClass))
                    .Select(i => new ClosePair(i, synthetic.Labels[i], near.Indices[i], real.Train.Labels[near.Indices[i]], near.Distances[i])),
            ],
        };
        result = result with { Pictures = Sheets(plan.Output, synthetic, real, result.Closest) };
        result.Write(Path.Combine(plan.Output, "data-inspect.json"));
        return result;
    }

    private static (NearestNeighbours Near, NearestNeighbours HeldOut) Neighbours(ImageSet synthetic, BenchmarkData real, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var training = Thumbnails.Of(real.Train);
        return (NearestNeighbours.Among(Thumbnails.Of(synthetic), training, cancellation), NearestNeighbours.Among(Thumbnails.Of(real.Test), training, cancellation));
    }

    private static List<string> Sheets(string folder, ImageSet synthetic, BenchmarkData real, IReadOnlyList<ClosePair> closest)
    {
        if (synthetic.Channels is not (1 or 3))
            return [];
        var scale = synthetic.Height < LargeEnough ? 2 : 1;
        ContactSheet.Write(Path.Combine(folder, "contact-sheet.png"), SheetImages.Of(ContactSheet.RowPerClass(synthetic, PerClass)), 2, scale);
        ContactSheet.Write(Path.Combine(folder, "closest-pairs.png"), SheetImages.Of(InspectionPictures.Pairs(synthetic, real.Train, closest)), 2, scale);
        return ["contact-sheet.png", "closest-pairs.png"];
    }
}
