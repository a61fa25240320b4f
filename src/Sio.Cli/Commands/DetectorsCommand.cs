using System.CommandLine;
using Sio.Cli.Output;
using Sio.Detection;

namespace Sio.Cli.Commands;

/// <summary><c>sio detectors</c>: what detectors there are.</summary>
internal static class DetectorsCommand
{
    internal static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Print the documentation page, with formulas, instead." };
        var command = new Command("detectors", "List the detectors: what they are, need, come from, and their hyper-parameters with defaults.");
        Help.SetExamples(command, "sio detectors", DetectorDocs.Regenerate[2..]);
        command.Options.Add(markdown);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
                Console.Write(DetectorDocs.Markdown());
            else
                Print(DetectorDocs.All());
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Print(IReadOnlyList<DetectorDescription> detectors)
    {
        var width = detectors.Max(detector => detector.Name.Length) + 2;
        var indent = new string(' ', width);
        foreach (var detector in detectors)
        {
            var paper = detector.Paper.Length > 0 ? $" ({detector.Paper})" : string.Empty;
            HangingText.Print(detector.Name.PadRight(width), detector.Summary + paper);
            HangingText.Print(indent, $"needs: {(detector.Needs.Count == 0 ? "nothing" : string.Join(", ", detector.Needs))}");
            foreach (var key in detector.HyperParameters)
                HangingText.Print(indent, $"{detector.Name}.{key.Path} = {key.Default}: {key.Description?.ReplaceLineEndings(" ")}");
        }
    }
}
