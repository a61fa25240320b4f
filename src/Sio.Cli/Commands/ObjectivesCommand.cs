using System.CommandLine;
using Sio.Cli.Output;
using Sio.Training.Objectives;

namespace Sio.Cli.Commands;

/// <summary><c>sio objectives</c>: what training methods there are.</summary>
internal static class ObjectivesCommand
{
    internal static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Print the documentation page, with formulas, instead." };
        var command = new Command("objectives", "List the training methods: what they are, need, come from, and their hyper-parameters with defaults.");
        Help.SetExamples(command, "sio objectives", ObjectivePage.Regenerate[2..], "sio train recipes/quickstart-sio.yml --objective logitnorm --set objective.settings.tau=0.05");
        command.Options.Add(markdown);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
                Console.Write(ObjectivePage.Markdown());
            else
                Print(ObjectiveDescription.All());
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Print(IReadOnlyList<ObjectiveDescription> objectives)
    {
        var width = objectives.Max(objective => objective.Name.Length) + 2;
        var indent = new string(' ', width);
        foreach (var objective in objectives)
        {
            var paper = objective.Paper.Length > 0 ? $" ({objective.Paper})" : string.Empty;
            HangingText.Print(objective.Name.PadRight(width), objective.Summary + paper);
            if (objective.Needs.Count > 0)
                HangingText.Print(indent, $"needs: {string.Join(", ", objective.Needs)}");
            if (objective.OwnDetector is { } detector)
                HangingText.Print(indent, $"its own score: the detector {detector}");
            foreach (var key in objective.HyperParameters)
                HangingText.Print(indent, $"{key.Path} = {key.Default}: {key.Description?.ReplaceLineEndings(" ")}");
        }
    }
}
