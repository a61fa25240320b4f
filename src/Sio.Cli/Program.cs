using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;
using Sio.Cli.Commands;
using Sio.Cli.Output;

namespace Sio.Cli;

/// <summary>The <c>sio</c> command. Thin: it reads the command line, calls the library, and prints.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (OpenFiles.Problem() is { } problem)
        {
            Console.Error.WriteLine(problem);
            return ExitCodes.Failure;
        }

        StandardOutput.Watch();
        return Run(args);
    }

    // A method of its own: what it needs is loaded when it begins.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(string[] args)
    {
        var debug = new Option<bool>("--debug") { Description = "Show the stack trace of an error.", Recursive = true };
        // Not a RootCommand: that one calls itself by the name of its file.
        var root = new Command("sio", "SIO for .NET: train image classifiers on real and synthetic in-distribution images, and measure how well they detect out-of-distribution images.");
        Help.SetExamples(root, "sio quickstart", "sio doctor", "sio train --help");
        root.Options.Add(Help.WithExamples(new HelpOption()));
        root.Options.Add(new VersionOption());
        root.Options.Add(debug);
        root.Subcommands.Add(QuickstartCommand.Create());
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(GenerateCommand.Create());
        root.Subcommands.Add(DataCommand.Create());
        root.Subcommands.Add(ObjectivesCommand.Create());
        root.Subcommands.Add(DetectorsCommand.Create());
        root.Subcommands.Add(ExtractCommand.Create());
        root.Subcommands.Add(ScoreCommand.Create());
        root.Subcommands.Add(ReproduceCommand.Create());
        root.Subcommands.Add(CompareCommand.Create());
        root.Subcommands.Add(MetricsCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(ReferenceCommand.Create(root));
        root.Subcommands.Add(CheckConvolutionsCommand.Create());

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction error)
        {
            error.ShowHelp = args.Length == 0;
            error.ShowTypoCorrections = true;
            error.Invoke(parsed);
            return ExitCodes.Usage;
        }

        // What an unset shell variable leaves behind.
        if (args.Contains(string.Empty))
        {
            Console.Error.WriteLine("error: one of the arguments is empty");
            return ExitCodes.Usage;
        }

        // Ctrl-C is handled by the commands that have something to save: see Interruption.
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return parsed.Invoke(settings);
        }
#pragma warning disable CA1031 // the one place where every failure becomes a line and an exit code
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Failure.Report(failure, parsed.GetValue(debug));
        }
    }
}
