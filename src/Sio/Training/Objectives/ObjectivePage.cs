using System.Globalization;
using System.Text;

namespace Sio.Training.Objectives;

/// <summary>The documentation page of the training methods, made from the code.</summary>
public static class ObjectivePage
{
    /// <summary>How the page is made anew.</summary>
    public const string Regenerate = "./sio objectives --markdown > docs/objectives.md";

    /// <summary>Formula, paper, needs and hyper-parameters of every objective.</summary>
    /// <exception cref="Data.DataException">The XML documentation that is built with the program is missing.</exception>
    public static string Markdown()
    {
        var types = CodeDocs.Types();
        var all = ObjectiveDescription.All();
        var text = new StringBuilder();
        text.Append("# Training methods\n\n<!-- Made from the code by '").Append(Regenerate).Append("'; do not edit. -->\n\n")
            .Append("What a classifier is trained with: `objective.name` in a recipe, `--objective` on the command line; `objective.settings` sets hyper-parameters. Each takes batches of real and\n")
            .Append("synthetic images alike. How to train, and what can be changed about synthetic images: [training.md](training.md). Notation: z logits, p = softmax(z), f penultimate feature, W and b\n")
            .Append("weight and bias of the last layer, C classes.\n\n")
            .Append("| method | what it is | paper | defaults from | needs |\n|---|---|---|---|---|\n");
        foreach (var objective in all)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| [`{objective.Name}`](#{objective.Name}) | {CodeDocs.Cell(objective.Summary)} | {CodeDocs.Cell(objective.Paper)} | {CodeDocs.Cell(objective.DefaultsFrom)} | {string.Join(", ", objective.Needs)} |\n");
        }

        foreach (var objective in all)
            Append(text, objective, CodeDocs.Paragraphs(types, Catalog<Objective>.TypeOf(objective.Name)));
        return text.ToString();
    }

    private static void Append(StringBuilder text, ObjectiveDescription objective, IEnumerable<string> paragraphs)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {objective.Name}\n\n");
        foreach (var paragraph in paragraphs)
            text.Append(paragraph).Append("\n\n");
        if (objective.Paper.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"Paper: {CodeDocs.Escape(objective.Paper)}. ");
        text.Append(CultureInfo.InvariantCulture, $"Needs: {(objective.Needs.Count == 0 ? "nothing beside the images" : string.Join(", ", objective.Needs))}.");
        if (objective.OwnDetector is { } detector)
            text.Append(CultureInfo.InvariantCulture, $" Its own score: the detector [`{detector}`](detectors.md#{detector}).");
        text.Append('\n');
        if (objective.HyperParameters.Count == 0)
            return;
        text.Append("\n| hyper-parameter | default | values | what it does |\n|---|---|---|---|\n");
        foreach (var key in objective.HyperParameters)
        {
            var values = key.Range is null ? key.Type : $"{key.Type}, must {key.Range}";
            text.Append(CultureInfo.InvariantCulture, $"| `{key.Path}` | `{key.Default}` | {CodeDocs.Cell(values)} | {CodeDocs.Cell(key.Description ?? string.Empty)} |\n");
        }
    }
}
