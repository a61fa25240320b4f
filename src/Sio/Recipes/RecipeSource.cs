using Sio.Data;

namespace Sio.Recipes;

/// <summary>Brings together what a recipe is made of: the file, the files it builds on, and the overrides.</summary>
internal static class RecipeSource
{
    /// <summary>The key that names the recipe below this one.</summary>
    public const string BaseKey = "base";

    private const int LongestChain = 16;
    private const long LargestFile = 4 << 20;

    /// <summary>The file's mapping, laid over that of its base, and so on down.</summary>
    public static RecipeMapping LoadFile(string path) => LoadFile(path, new RecipePlace(path), []);

    /// <summary>Lays <c>key=value</c> overrides over a recipe, in order.</summary>
    public static RecipeMapping WithOverrides(RecipeMapping recipe, IEnumerable<string>? overrides)
    {
        foreach (var given in overrides ?? [])
            recipe = recipe.MergedWith(Override(given));
        return recipe;
    }

    private static RecipeMapping LoadFile(string path, RecipePlace asked, List<string> chain)
    {
        var full = Path.GetFullPath(path);
        if (chain.Contains(full))
        {
            var circle = string.Join(" -> ", chain.Append(full).Select(Path.GetFileName));
            throw new RecipeException(asked, $"'{BaseKey}' goes in a circle: {circle}", BaseKey);
        }

        chain.Add(full);
        if (chain.Count > LongestChain)
            throw new RecipeException(asked, $"more than {LongestChain} recipes stand on one another", BaseKey);

        var recipe = RecipeYaml.ParseMapping(ReadText(path, asked), path);
        var named = recipe.Entries.FirstOrDefault(entry => entry.Key == BaseKey);
        if (named is null)
            return recipe;
        if (named.Value is not RecipeScalar { IsNull: false, Text.Length: > 0 } scalar)
            throw new RecipeException(named.Value.Place, $"'{BaseKey}' must be the path of a recipe, but is {named.Value.Description}", BaseKey);

        var basePath = Path.Combine(Path.GetDirectoryName(path) ?? "", scalar.Text);
        return LoadFile(basePath, scalar.Place, chain).MergedWith(Without(recipe, named));
    }

    private static string ReadText(string path, RecipePlace asked)
    {
        // Where a base is missing, the place is the line that names it, and the message must name the file.
        var what = asked.Line > 0 ? $"recipe '{path}' " : "recipe ";
        try
        {
            return InputFile.ReadText(path, LargestFile);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecipeException(asked, what + "not found", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(asked, $"{what}cannot be read: {e.Message}", innerException: e);
        }
    }

    private static RecipeMapping Without(RecipeMapping recipe, RecipeEntry entry) =>
        new(recipe.Place, [.. recipe.Entries.Where(e => e != entry)]);

    /// <summary><c>optimizer.lr=0.05</c> as the mapping <c>{optimizer: {lr: 0.05}}</c>.</summary>
    private static RecipeMapping Override(string given)
    {
        var place = new RecipePlace($"--set {given}");
        var equals = given.IndexOf('=', StringComparison.Ordinal);
        var path = equals < 0 ? [] : given[..equals].Trim().Split('.');
        if (path.Length == 0 || path.Any(string.IsNullOrWhiteSpace))
            throw new RecipeException(place, "expected key=value, the key a dotted path as in optimizer.lr=0.05");
        if (path[0] == BaseKey)
            throw new RecipeException(place, $"'{BaseKey}' can only stand in a recipe file", BaseKey);

        var value = RecipeYaml.Parse(given[(equals + 1)..], place.Source, false) ?? new RecipeScalar(place, "", true);
        return (RecipeMapping)path.Reverse().Aggregate(
            value,
            (inner, key) => new RecipeMapping(place, [new RecipeEntry(key, place, inner)]));
    }
}
