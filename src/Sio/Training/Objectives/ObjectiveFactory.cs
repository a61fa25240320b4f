using Sio.Recipes;

namespace Sio.Training.Objectives;

/// <summary>Makes objectives by name, with hyper-parameters given as text.</summary>
public static class ObjectiveFactory
{
    private const string Key = "objective.settings";
    private const string SetOption = "--set ";

    /// <summary>Makes an objective.</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    /// <exception cref="RecipeException">It has no such hyper-parameter, or a value is none for it.</exception>
    public static Objective Create(ObjectiveChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var type = Catalog<Objective>.TypeOf(choice.Name);
        try
        {
            var settings = choice.Settings.Select(entry => $"{entry.Key}={entry.Value}");
            return (Objective)new RecipeBinder(type).Record(RecipeSource.WithOverrides(RecipeYaml.ParseMapping(string.Empty, choice.Name), settings), type);
        }
        catch (RecipeException error) when (error.Origin.StartsWith(SetOption, StringComparison.Ordinal))
        {
            throw new RecipeException(new RecipePlace($"{Key}.{error.Origin[SetOption.Length..]} of {choice.Name}"), error.Problem, error.Key, error);
        }
    }

    /// <summary>The choice with every hyper-parameter named, for a recipe that hides nothing.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static ObjectiveChoice Resolve(ObjectiveChoice choice)
    {
        var objective = Create(choice);
        var settings = RecipeSchema.Of(objective.GetType())
            .Select(property => (property.Key, Value: property.Info.GetValue(objective)))
            .Where(entry => entry.Value is not null)
            .ToDictionary(entry => entry.Key, entry => RecipeWriter.Inline(entry.Value), StringComparer.Ordinal);
        return new ObjectiveChoice(choice.Name, settings);
    }

    /// <summary>The hyper-parameters that an objective has.</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    public static IReadOnlyList<RecipeKey> HyperParameters(string name) => RecipeSchema.Describe(Catalog<Objective>.TypeOf(name));
}
