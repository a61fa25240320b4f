using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Commands;

/// <summary><c>sio reproduce</c>: a paper's table, from its plan to its figures.</summary>
internal static class ReproduceCommand
{
    internal static Command Create()
    {
        var table = new Argument<string>("table")
        {
            Description = $"The table: {string.Join(", ", ShippedTables())}, or a table file (.yml).", HelpName = "TABLE",
        };
        var options = new ReproduceOptions();
        var command = new Command(
            "reproduce",
            "Make a paper's table: train every method with and without synthetic images, score, and set the figures side by side. What is done is skipped; what was interrupted is gone on with; a failure does not stop the rest.");
        Help.SetExamples(
            command,
            "sio reproduce cifar10 --dry-run",
            "sio reproduce cifar10 --data ~/data --synthetic ~/data/sio-cifar10 --with-paper",
            "sio reproduce fashion_mnist_6 --fast --methods MSP,EBO,KNN,VIM,LogitNorm --runs 1",
            "sio reproduce cifar10 --synthetic ~/data/sio-cifar10 --slurm job.sh");
        command.Arguments.Add(table);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(table)!;
            var plan = TablePlan.Create(TableFile.Read(Find(name)), options.Plan(parsed));
            var folder = options.Folder(parsed) ?? Path.Combine("runs", "reproduce", Path.GetFileNameWithoutExtension(name) + (options.IsFast(parsed) ? "-fast" : string.Empty));
            return Run(new ReproduceRequest(name, plan, new TableRunner(plan, folder), folder), options, parsed);
        });
        return command;
    }

    private static int Run(ReproduceRequest request, ReproduceOptions options, ParseResult parsed)
    {
        if (options.Slurm(parsed) is { } script)
        {
            AtomicFile.WriteAllText(script, SlurmScript.Write(request.Plan, [.. CellProcess.Command, "reproduce", Absolute(request.Table), .. options.PlanArguments(parsed), "--out", Path.GetFullPath(request.Folder)], Environment.CurrentDirectory));
            Console.WriteLine($"{script}: {request.Plan.Cells.Count} tasks; submit it with: sbatch {script}");
            return ExitCodes.Success;
        }

        if (options.Cell(parsed) is { } index)
            return OneCell(request, index, options.IsSupervised(parsed));
        PlanTable.Print(request.Plan, request.Runner, listed: options.DryRun(parsed));
        if (options.DryRun(parsed))
            return ExitCodes.Success;
        using var interruption = new Interruption();
        var failures = options.Parallel(parsed) > 1 ? InProcesses(request, options, parsed, interruption) : InProcess(request, interruption.Token);
        var results = TableResults.Collect(request.Plan, request.Runner);
        var paper = options.WithPaper(parsed) ? PaperFigures.Read(PaperFigures.ShippedPath) : null;
        Console.WriteLine();
        ReproductionTable.Print(request.Plan, results, paper);
        foreach (var (path, text) in options.Files(parsed, request.Plan, results, paper))
        {
            AtomicFile.WriteAllText(path, text);
            Console.WriteLine($"{path} is written");
        }

        foreach (var (label, reason) in failures)
            Console.Error.WriteLine($"failed: {label}: {reason}");
        return failures.Length == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static (string Label, string Reason)[] InProcess(ReproduceRequest request, CancellationToken cancellation)
    {
        using var progress = new Progress();
        try
        {
            return [.. request.Runner.MakeAll(progress, cancellation).Select(failure => (failure.Cell.Label, failure.Reason))];
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            Console.WriteLine("A checkpoint is written; the same command goes on from it.");
            throw;
        }
    }

    private static (string Label, string Reason)[] InProcesses(ReproduceRequest request, ReproduceOptions options, ParseResult parsed, Interruption interruption)
    {
        try
        {
            return CellProcesses.MakeAll(request, options.Parallel(parsed), options.PlanArguments(parsed), interruption);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Checkpoints are written; the same command goes on from them.");
            throw;
        }
    }

    private static int OneCell(ReproduceRequest request, int index, bool supervised)
    {
        if (index < 0 || index >= request.Plan.Cells.Count)
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--cell {index}: the plan has cells 0 to {request.Plan.Cells.Count - 1}"));
        var cell = request.Plan.Cells[index];
        if (request.Runner.IsDone(cell))
        {
            Console.WriteLine($"{cell.Label}: done already");
            return ExitCodes.Success;
        }

        using var interruption = new Interruption(supervised);
        using var progress = new Progress();
        request.Runner.Make(cell, progress, interruption.Token);
        return ExitCodes.Success;
    }

    private static bool IsFile(string name) => name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase);

    private static string Absolute(string name) => IsFile(name) ? Path.GetFullPath(name) : name;

    private static string Find(string name)
    {
        if (IsFile(name))
            return name;
        return ShippedTables().Contains(name) ? Path.Combine(TablesFolder, name + ".yml") : throw new UnknownNameException("table", name, [.. ShippedTables()]);
    }

    private static string TablesFolder => Path.Combine(AppContext.BaseDirectory, "recipes", "tables");

    private static string[] ShippedTables() => Directory.Exists(TablesFolder)
        ? [.. Directory.GetFiles(TablesFolder, "*.yml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
        : [];
}

/// <summary>A plan, and where it is made.</summary>
/// <param name="Table">The table as it was named.</param>
/// <param name="Plan">The grid.</param>
/// <param name="Runner">Makes it.</param>
/// <param name="Folder">Where.</param>
internal sealed record ReproduceRequest(string Table, TablePlan Plan, TableRunner Runner, string Folder);
