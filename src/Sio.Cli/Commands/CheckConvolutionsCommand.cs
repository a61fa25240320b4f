using System.CommandLine;
using System.Diagnostics;
using Sio.Engine;

namespace Sio.Cli.Commands;

/// <summary>
/// <c>sio check-convolutions</c>, hidden: compares convolutions with float64. <c>sio doctor --check</c> runs it as a process of its own, since
/// LibTorch may end the process on a machine where it computes wrong numbers.
/// </summary>
internal static class CheckConvolutionsCommand
{
    private const string Name = "check-convolutions", Trying = "trying ";

    internal static Command Create()
    {
        var command = new Command(Name, "Compare random convolutions with float64; the last line is the result.") { Hidden = true };
        command.SetAction(_ =>
        {
            var report = ConvolutionCheck.Run(progress: shape => Console.WriteLine(Trying + shape));
            Console.WriteLine(report);
            return report.Wrong.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    /// <summary>Runs the check as a process of its own.</summary>
    /// <returns>Whether all was right, and the result in a line.</returns>
    internal static (bool Right, string Result) RunApart()
    {
        var start = new ProcessStartInfo(CellProcess.Command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[.. CellProcess.Command[1..], Name])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var last = string.Empty;
        while (process.StandardOutput.ReadLine() is { } line)
            last = line;
        process.WaitForExit();
        var said = errors.GetAwaiter().GetResult().Split('\n', 2)[0].Trim();
        // A process that a signal ended has a code of 128 and more, or a negative one; the last word is then the shape that it died of.
        return process.ExitCode is > ExitCodes.Interrupted or < 0
            ? (false, $"LibTorch ended the process (code {process.ExitCode}) while {last}")
            : (process.ExitCode == ExitCodes.Success, process.ExitCode == ExitCodes.Success || said.Length == 0 ? last : said);
    }
}
