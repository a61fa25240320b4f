using Sio.Recipes;

namespace Sio.Detection;

/// <summary>Makes detectors by name, with hyper-parameters given as text: <c>knn.k=100</c>.</summary>
public static class DetectorFactory
{
    private const string SetOption = "--set ";

    /// <summary>Makes a detector.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="settings">Settings <c>detector.key=value</c>, later ones winning; those of other detectors are passed over. Keys may be in any case, as the peers write <c>knn.K</c>.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="RecipeException">The detector has no such hyper-parameter, or the value is none for it.</exception>
    public static Detector Create(string name, IEnumerable<string>? settings = null)
    {
        var type = Catalog<Detector>.TypeOf(name);
        var prefix = name + ".";
        var own = (settings ?? [])
            .Where(setting => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(setting => LowerKey(setting[prefix.Length..]));
        try
        {
            var mapping = RecipeSource.WithOverrides(RecipeYaml.ParseMapping(string.Empty, name), own);
            return (Detector)new RecipeBinder(type).Record(mapping, type);
        }
        catch (RecipeException error) when (error.Origin.StartsWith(SetOption, StringComparison.Ordinal))
        {
            // The setting as it was given, with the detector's name.
            throw new RecipeException(new RecipePlace($"{SetOption}{prefix}{error.Origin[SetOption.Length..]}"), error.Problem, error.Key, error);
        }
    }

    /// <summary>Makes sure that every setting names a detector that exists and one of its hyper-parameters.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static void Check(IEnumerable<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var setting in settings)
        {
            var dot = setting.IndexOf('.', StringComparison.Ordinal);
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (dot < 1 || equals < dot)
                throw new RecipeException($"--set {setting}: expected detector.key=value");
            Create(setting[..dot].ToLowerInvariant(), [setting]).Dispose();
        }
    }

    /// <summary>The hyper-parameters of a detector, with their values, as text.</summary>
    public static string Describe(Detector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        return RecipeWriter.Write(detector, comments: false);
    }

    /// <summary>The hyper-parameters that a detector has.</summary>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    public static IReadOnlyList<RecipeKey> HyperParameters(string name) => RecipeSchema.Describe(Catalog<Detector>.TypeOf(name));

    private static string LowerKey(string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? setting : setting[..equals].ToLowerInvariant() + setting[equals..];
    }
}
