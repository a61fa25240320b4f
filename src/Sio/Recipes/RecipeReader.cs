namespace Sio.Recipes;

/// <summary>
/// Reads a YAML recipe into a record, strictly: a key that the record does not have, a value of the wrong type or outside
/// its range, a key given twice or a required one left out is a <see cref="RecipeException"/> that says where.
/// </summary>
/// <remarks>
/// <para>Keys are the snake_case names of the record's settable properties: <c>WeightDecay</c> is <c>weight_decay</c>.
/// A property may be a boolean, int, long, float, double, string, enumeration (snake_case names), a record, a list or
/// array, a dictionary with string keys, or <see cref="object"/> for any single value; nullable ones may be <c>null</c>.
/// Keys left out keep the record's defaults, so an empty file is the default recipe.</para>
/// <para><c>base: other.yml</c> names a recipe, relative to the file, that this one is laid over: mappings are merged key
/// by key, any other value is replaced. Overrides come last.</para>
/// </remarks>
public static class RecipeReader
{
    /// <summary>Reads a recipe file.</summary>
    /// <typeparam name="T">A record with init properties and a constructor without parameters.</typeparam>
    /// <param name="path">The file; UTF-8, at most 1 Mi characters.</param>
    /// <param name="overrides"><c>key=value</c> with dotted keys (<c>optimizer.lr=0.05</c>) and YAML values, later ones winning.</param>
    /// <exception cref="RecipeException">The recipe, its base or an override cannot be used; the message says where and why.</exception>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has a property that recipes cannot hold.</exception>
    public static T Read<T>(string path, IEnumerable<string>? overrides = null)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Bind<T>(RecipeSource.WithOverrides(RecipeSource.LoadFile(path), overrides));
    }

    /// <summary>Reads a recipe from text. It cannot name a base, as it stands in no folder.</summary>
    /// <typeparam name="T">A record with init properties and a constructor without parameters.</typeparam>
    /// <param name="text">YAML; empty for the default recipe.</param>
    /// <param name="overrides"><c>key=value</c> with dotted keys and YAML values, later ones winning.</param>
    /// <param name="name">Names the text in messages.</param>
    /// <exception cref="RecipeException">The recipe or an override cannot be used; the message says where and why.</exception>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has a property that recipes cannot hold.</exception>
    public static T Parse<T>(string text, IEnumerable<string>? overrides = null, string name = "recipe")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(text);
        var recipe = RecipeYaml.ParseMapping(text, name);
        if (recipe.Entries.FirstOrDefault(e => e.Key == RecipeSource.BaseKey) is { } based)
            throw new RecipeException(based.Place, $"'{RecipeSource.BaseKey}' needs a recipe file to be relative to", based.Key);

        return Bind<T>(RecipeSource.WithOverrides(recipe, overrides));
    }

    private static T Bind<T>(RecipeMapping recipe)
        where T : class =>
        (T)new RecipeBinder(typeof(T)).Record(recipe, typeof(T));
}
