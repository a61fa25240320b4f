using System.Globalization;
using System.Text;
using Sio.Data;
using Sio.Recipes;

namespace Sio.Detection;

/// <summary>What a detector is, for lists and documentation: all of it from the code.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Paper">Authors and year, or empty.</param>
/// <param name="Needs">What it works on, in words.</param>
/// <param name="HyperParameters">What <c>--set detector.key=value</c> can set.</param>
/// <param name="Grids">By hyper-parameter: the values that a search tries.</param>
public sealed record DetectorDescription(
    string Name, string Summary, string Paper, IReadOnlyList<string> Needs, IReadOnlyList<RecipeKey> HyperParameters,
    IReadOnlyDictionary<string, string> Grids);

/// <summary>Lists the detectors there are, and writes their documentation page.</summary>
public static class DetectorDocs
{
    /// <summary>How the page is made anew.</summary>
    public const string Regenerate = "./sio detectors --markdown > docs/detectors.md";

    private static readonly (DetectorNeeds Need, string Word)[] s_words =
    [
        (DetectorNeeds.Logits, "logits"), (DetectorNeeds.Features, "features"), (DetectorNeeds.TrainingSet, "fit set (training images)"),
        (DetectorNeeds.ValidationSet, "validation set"), (DetectorNeeds.Head, "linear head"), (DetectorNeeds.InputGradient, "input gradient"),
        (DetectorNeeds.FeatureMaps, "feature maps"), (DetectorNeeds.Images, "images and network"), (DetectorNeeds.SeveralNetworks, "several networks"),
    ];

    /// <summary>All detectors, by name.</summary>
    public static IReadOnlyList<DetectorDescription> All() => [.. Catalog<Detector>.Entries.Select(entry =>
    {
        using var detector = DetectorFactory.Create(entry.Name);
        var type = detector.GetType();
        var grids = SearchGrid.Values(type).ToDictionary(grid => grid.Key, grid => string.Join(", ", grid.Values));
        return new DetectorDescription(entry.Name, entry.Summary, entry.Paper, Words(detector.Needs), DetectorFactory.HyperParameters(entry.Name), grids);
    })];

    /// <summary>What a detector works on, in words.</summary>
    public static IReadOnlyList<string> Words(DetectorNeeds needs) => [.. s_words.Where(word => needs.HasFlag(word.Need)).Select(word => word.Word)];

    /// <summary>The documentation page: formula, paper, needs and hyper-parameters of every detector.</summary>
    /// <exception cref="DataException">The XML documentation that is built with the program is missing.</exception>
    public static string Markdown()
    {
        var comments = CodeDocs.Types();
        var all = All();
        var text = new StringBuilder();
        text.Append("# Detectors\n\n<!-- Made from the code by '").Append(Regenerate).Append("'; do not edit. -->\n\n")
            .Append("Every detector gives each image a score; **higher means more in-distribution**. Notation: z logits, p = softmax(z), f penultimate feature, W and b\n")
            .Append("weight and bias of the last layer, C classes. `--set detector.key=value` sets a hyper-parameter in `sio evaluate` and `sio score`, `evaluation.settings` in a\n")
            .Append("recipe. The grid is what `--tune` tries ([tuning.md](tuning.md)).\n\n")
            .Append("| detector | what it is | paper | needs |\n|---|---|---|---|\n");
        foreach (var detector in all)
            text.Append(CultureInfo.InvariantCulture, $"| [`{detector.Name}`](#{detector.Name}) | {CodeDocs.Cell(detector.Summary)} | {CodeDocs.Cell(detector.Paper)} | {string.Join(", ", detector.Needs)} |\n");
        foreach (var detector in all)
            Append(text, detector, CodeDocs.Paragraphs(comments, Catalog<Detector>.TypeOf(detector.Name)));
        return text.ToString();
    }

    private static void Append(StringBuilder text, DetectorDescription detector, IEnumerable<string> paragraphs)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {detector.Name}\n\n");
        foreach (var paragraph in paragraphs)
            text.Append(paragraph).Append("\n\n");
        if (detector.Paper.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"Paper: {CodeDocs.Escape(detector.Paper)}. ");
        text.Append(CultureInfo.InvariantCulture, $"Needs: {(detector.Needs.Count == 0 ? "nothing" : string.Join(", ", detector.Needs))}.\n");
        if (detector.HyperParameters.Count == 0)
            return;
        text.Append("\n| hyper-parameter | default | values | grid | what it does |\n|---|---|---|---|---|\n");
        foreach (var key in detector.HyperParameters)
        {
            var values = key.Range is null ? key.Type : $"{key.Type}, must {key.Range}";
            text.Append(CultureInfo.InvariantCulture, $"| `{detector.Name}.{key.Path}` | `{key.Default}` | {CodeDocs.Cell(values)} | {CodeDocs.Cell(detector.Grids.GetValueOrDefault(key.Path, "–"))} | {CodeDocs.Cell(key.Description ?? string.Empty)} |\n");
        }
    }
}
