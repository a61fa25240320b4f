using System.Globalization;
using System.Reflection;
using Sio.Recipes;

namespace Sio.Detection;

/// <summary>The settings that a hyper-parameter search tries: every combination of a detector's <see cref="GridAttribute"/> values, as in OpenOOD's search.</summary>
public static class SearchGrid
{
    /// <summary>Lists the combinations of those hyper-parameters that have a grid and that the user has not set.</summary>
    /// <param name="name">The detector's name.</param>
    /// <param name="settings">What the user has set, <c>detector.key=value</c>; settings of other detectors are passed over.</param>
    /// <returns>
    /// Each combination as settings <c>detector.key=value</c>; the first hyper-parameter changes fastest. Empty where there is nothing to search.
    /// </returns>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Combinations(string name, IEnumerable<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var taken = settings.Select(Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var grids = Values(Catalog<Detector>.TypeOf(name)).Where(grid => !taken.Contains($"{name}.{grid.Key}")).ToArray();
        if (grids.Length == 0)
            return [];
        IEnumerable<string[]> combinations = [[]];
        foreach (var (key, values) in grids)
            combinations = values.SelectMany(value => combinations.Select(before => (string[])[.. before, $"{name}.{key}={value}"])).ToArray();
        return [.. combinations];
    }

    /// <summary>The grids of a detector, by hyper-parameter and in the order of their declaration, as text that <c>--set</c> takes.</summary>
    internal static IEnumerable<(string Key, string[] Values)> Values(Type detector) =>
        from property in RecipeSchema.Of(detector)
        let grid = property.Info.GetCustomAttribute<GridAttribute>()
        where grid is not null
        select (property.Key, grid.Values.Select(Text).ToArray());

    private static string Text(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        Enum name => RecipeSchema.KeyName(name.ToString()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Key(string setting) => setting.Split('=')[0].Trim();
}
