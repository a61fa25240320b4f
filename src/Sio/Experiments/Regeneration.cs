using Sio.Data;
using Sio.Recipes;

namespace Sio.Experiments;

/// <summary>Makes the quickstart's synthetic set anew: trains the generator whose recipe comes with the program, and samples it as the shipped set was sampled.</summary>
public static class Regeneration
{
    /// <summary>Images of each class, as in the shipped set.</summary>
    public const int PerClass = 1500;

    /// <summary>Seed of the samples, as of the shipped set.</summary>
    public const int SampleSeed = 0;

    /// <summary>The recipe of the shipped set's generator.</summary>
    public static string ShippedRecipe => Quickstart.ShippedRecipe(Path.Combine("generators", "gan-fashion-mnist"));

    /// <summary>Trains and samples. An earlier call that was interrupted is gone on with.</summary>
    /// <param name="recipe">The generator's recipe.</param>
    /// <param name="overrides">Recipe overrides <c>key=value</c>.</param>
    /// <param name="folder">Where to: the run comes into <c>generator/</c>, the set is <c>synthetic.npz</c>.</param>
    /// <param name="observer">Is told how far things are.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>The set's path, and whether it is the shipped set, byte for byte.</returns>
    /// <exception cref="DataException">Images are missing, or the folder has another generator's run.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static (string Path, bool IsShipped) Make(
        string recipe, IEnumerable<string> overrides, string folder, RunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var run = GeneratorRun.Prepare(RecipeReader.Read<GeneratorRecipe>(recipe, overrides), cancellation);
        var place = new GeneratorFolder(Path.Combine(folder, "generator"));
        observer.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}");
        var seconds = run.Train(place, resume: true, observer, cancellation);
        observer.End(FormattableString.Invariant($"trained in {seconds:F0} s"));
        observer.Begin("sampling");
        var set = SetSampler.Sample(place, snapshot: null, PerClass, SampleSeed, observer: observer, cancellation: cancellation);
        var path = Path.Combine(folder, "synthetic.npz");
        set.Write(path);
        observer.End(FormattableString.Invariant($"{set.Provenance.Count} images"));
        return (path, IsShipped(path));
    }

    private static bool IsShipped(string path)
    {
        var (made, shipped) = (Npz.Read(path), Npz.Read(ShippedSets.Find(ShippedSets.FashionMnist6)));
        return made["images"].Elements<byte>().AsSpan().SequenceEqual(shipped["images"].Elements<byte>())
            && made["labels"].ToInt64s().AsSpan().SequenceEqual(shipped["labels"].ToInt64s());
    }
}
