using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Recipes;

namespace Sio.Experiments.Inspection;

/// <summary>The real and the synthetic images of an inspection, checked, with the recipe of the classifiers.</summary>
internal sealed record InspectedData
{
    private const int ImagesSeen = 48_000, MostEpochs = 60, HeldOutShare = 5, LeastPerClass = 2;
    private const string Epochs = "training.epochs=";

    /// <summary>The recipe to train a classifier with, real images only.</summary>
    internal required Recipe Recipe { get; init; }

    /// <summary>The real images; <see cref="BenchmarkData.Test"/> is what the generator has not seen.</summary>
    internal required BenchmarkData Real { get; init; }

    /// <summary>The synthetic set's file or folder.</summary>
    internal required string Path { get; init; }

    /// <summary>The synthetic images with the labels that they have on disk.</summary>
    internal required ImageSet Stored { get; init; }

    /// <summary>The synthetic images with the real set's labels.</summary>
    internal required ImageSet Synthetic { get; init; }

    /// <summary>The classes' names, or their numbers.</summary>
    internal IReadOnlyList<string> ClassNames => NamesOf(Real.Train);

    /// <summary>Loads and checks everything.</summary>
    /// <exception cref="DataException">Something is missing, damaged or does not fit; or a class has too few images.</exception>
    /// <exception cref="RecipeException">The recipe or an override is wrong.</exception>
    internal static InspectedData Load(InspectionPlan plan, CancellationToken cancellation)
    {
        var (recipe, real, chosen) = LoadReal(plan, cancellation);
        var (path, stored, synthetic) = LoadSynthetic(plan, real, null, cancellation);
        CheckClasses(real.Train, "of the real training images");
        CheckClasses(real.Test, "of the held-out real images");
        CheckClasses(synthetic, $"of {plan.Set}");
        if (!chosen)
        {
            var epochs = Math.Clamp((ImagesSeen + real.Train.Count - 1) / real.Train.Count, recipe.Training.Epochs, MostEpochs);
            recipe = recipe with { Training = recipe.Training with { Epochs = epochs } };
        }

        return new InspectedData { Recipe = recipe with { Synthetic = new SyntheticRecipe() }, Real = real, Path = path, Stored = stored, Synthetic = synthetic };
    }

    /// <summary>A set's class names, or their numbers.</summary>
    internal static IReadOnlyList<string> NamesOf(ImageSet set) => set.ClassNames ?? [.. Enumerable.Range(0, set.ClassCount).Select(c => ImageSet.Text($"{c}"))];

    /// <summary>Loads the synthetic images: with the labels they have on disk, and with the real set's. <paramref name="tell"/> is told what was done to them.</summary>
    /// <exception cref="DataException">They are missing, damaged or do not fit.</exception>
    internal static (string Path, ImageSet Stored, ImageSet Synthetic) LoadSynthetic(InspectionPlan plan, BenchmarkData real, Action<string>? tell, CancellationToken cancellation)
    {
        var path = System.IO.Path.GetFullPath(IsShipped(plan.Set) ? ShippedSets.Find(plan.Set[Run.ShippedPrefix.Length..]) : plan.Set);
        var stored = SyntheticSet.LoadAsStored(path, real.Train, tell, cancellation);
        return (path, stored, SyntheticSet.Match(stored, real.Train, plan.Set, real.SyntheticLabels, tell));
    }

    /// <summary>Loads the real images, and the recipe of the classifiers.</summary>
    /// <exception cref="DataException">Something is missing, damaged or does not fit; or a class has too few images.</exception>
    /// <exception cref="RecipeException">The recipe or an override is wrong.</exception>
    internal static (Recipe Recipe, BenchmarkData Real, bool EpochsChosen) LoadReal(InspectionPlan plan, CancellationToken cancellation)
    {
        var ours = Quickstart.ShippedRecipe("inspect");
        var chosen = plan.Overrides.Any(text => text.StartsWith(Epochs, StringComparison.Ordinal));
        if (plan.HeldOut is not null && (BenchmarkCatalog.Names.Contains(plan.Against) || IsRecipe(plan.Against)))
            throw new DataException($"--held-out is for a set of one's own: {plan.Against} has test images already");
        if (BenchmarkCatalog.Names.Contains(plan.Against))
        {
            var recipe = RecipeReader.Read<Recipe>(ours, [$"benchmark={plan.Against}", .. plan.Overrides]);
            return (recipe, Run.LoadData(recipe, cancellation), chosen);
        }

        if (IsRecipe(plan.Against))
        {
            var recipe = RecipeReader.Read<Recipe>(plan.Against, plan.Overrides);
            return (recipe, Run.LoadData(recipe, cancellation), true);
        }

        if (!File.Exists(plan.Against) && !Directory.Exists(plan.Against))
        {
            throw new DataException(
                $"{plan.Against}: is no benchmark ({string.Join(", ", BenchmarkCatalog.Names)}) and no file: a benchmark, a recipe (.yml), an .npz, a folder with images.npy and labels.npy, or one with a folder per class was expected");
        }

        var own = RecipeReader.Read<Recipe>(ours, ["benchmark=files", .. plan.Overrides]);
        own = own with { Data = own.Data with { Train = plan.Against, Test = plan.HeldOut ?? plan.Against } };
        var data = Run.LoadData(own, cancellation);
        return plan.HeldOut is null ? Split(own, data, chosen) : (own, data, chosen);
    }

    /// <summary>Whether a set is named as one that comes with the program.</summary>
    internal static bool IsShipped(string set) => set.StartsWith(Run.ShippedPrefix, StringComparison.Ordinal);

    private static bool IsRecipe(string text) => System.IO.Path.GetExtension(text) is ".yml" or ".yaml";

    // The recipe names no test images then: there is no way to say "the rest" in it, and all of them would include the ones trained on.
    private static (Recipe Recipe, BenchmarkData Real, bool EpochsChosen) Split(Recipe recipe, BenchmarkData data, bool chosen)
    {
        var (all, seed) = (data.Train, recipe.Data.SubsetSeed);
        CheckClasses(all, "of the real images");
        var count = all.Count - (all.Count / HeldOutShare);
        var real = data with { Train = all.Take(count, seed), Test = all.TakeRest(count, seed, name: "held_out") };
        return (recipe with { Data = recipe.Data with { TrainImages = count, Test = null } }, real, chosen);
    }

    private static void CheckClasses(ImageSet set, string whose)
    {
        var (counts, names) = (set.CountPerClass(), NamesOf(set));
        var bad = Array.FindIndex(counts, count => count < LeastPerClass);
        if (bad >= 0)
        {
            var what = counts[bad] == 0 ? "no image" : "only one image";
            throw new DataException(ImageSet.Text($"class {bad} ({names[bad]}) {whose} has {what}: at least {LeastPerClass} are needed to say anything about it"));
        }
    }
}
