using System.Reflection;
using Sio.Recipes;

namespace Sio.Training.Objectives;

/// <summary>What an objective is, for lists: all of it from the code.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Paper">Authors and year, or empty.</param>
/// <param name="Needs">What it needs beside the images, in words.</param>
/// <param name="OwnDetector">The detector that is its own score; null where it is for any.</param>
/// <param name="HyperParameters">What <c>objective.settings</c> can set.</param>
public sealed record ObjectiveDescription(string Name, string Summary, string Paper, IReadOnlyList<string> Needs, string? OwnDetector, IReadOnlyList<RecipeKey> HyperParameters)
{
    /// <summary>Where the defaults come from, in a few words.</summary>
    public string DefaultsFrom { get; init; } = string.Empty;

    /// <summary>All objectives, by name.</summary>
    public static IReadOnlyList<ObjectiveDescription> All() => [.. Catalog<Objective>.Entries.Select(entry =>
    {
        var objective = ObjectiveFactory.Create(new ObjectiveChoice(entry.Name, new Dictionary<string, string>()));
        string[] needs = [.. objective.AuxiliaryPerBatch > 0 ? ["auxiliary images"] : Array.Empty<string>(), .. objective.ExtraViews > 0 ? [$"{objective.ExtraViews + 1} views of each image"] : Array.Empty<string>()];
        return new ObjectiveDescription(entry.Name, entry.Summary, entry.Paper, needs, objective.OwnDetector, ObjectiveFactory.HyperParameters(entry.Name))
        {
            DefaultsFrom = Catalog<Objective>.TypeOf(entry.Name).GetCustomAttribute<DefaultsFromAttribute>()?.Source ?? string.Empty,
        };
    })];
}
