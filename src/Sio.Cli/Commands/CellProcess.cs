using System.Diagnostics;
using System.Globalization;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Commands;

/// <summary>Makes cells in processes of their own, several at a time: LibTorch's threads belong to a process, so two trainings in one would fight over them.</summary>
internal static class CellProcess
{
    /// <summary>How a script starts this program: as the user did, so that its libraries are found.</summary>
    internal static IReadOnlyList<string> Starter => Environment.GetEnvironmentVariable("SIO_LAUNCHER") is { Length: > 0 } launcher ? [launcher] : Command;

    // The program itself, or the runtime with the program's file.
    private static string[] Command => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
        : [Environment.ProcessPath!];

    /// <summary>Makes all cells that are not done. One that fails does not stop the others.</summary>
    /// <returns>What failed, with the last line that its process wrote.</returns>
    /// <exception cref="OperationCanceledException">Stopped, after the processes have written their checkpoints.</exception>
    internal static (string Label, string Reason)[] MakeAll(ReproduceRequest request, int parallel, IReadOnlyList<string> planArguments, CancellationToken cancellation)
    {
        var failures = new List<(string, string)>();
        var waiting = new Queue<TrainingCell>(request.Plan.Cells.Where(cell => !request.Runner.IsDone(cell)));
        var (made, total) = (0, waiting.Count);
        var threads = Math.Max(Environment.ProcessorCount / parallel, 1);
        var workers = Enumerable.Range(0, Math.Min(parallel, total)).Select(_ => Task.Run(() =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                TrainingCell cell;
                lock (waiting)
                {
                    if (!waiting.TryDequeue(out cell!))
                        return;
                }

                var clock = Stopwatch.StartNew();
                var reason = Make(request, cell, threads, planArguments, cancellation);
                lock (waiting)
                {
                    made++;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{made}/{total} {cell.Label}: {Outcome(reason)}, {clock.Elapsed.TotalSeconds:F0} s"));
                    if (reason is not null)
                        failures.Add((cell.Label, reason));
                }
            }
        })).ToArray();
        Task.WaitAll(workers, CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return [.. failures];

        // A process that was stopped has failed at nothing; one that was done just before is told so by the next call.
        string Outcome(string? reason) => cancellation.IsCancellationRequested ? "stopped" : reason is null ? "done" : "failed";
    }

    private static string? Make(ReproduceRequest request, TrainingCell cell, int threads, IReadOnlyList<string> planArguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Command[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            // The last word on a key is the user's.
            .. Command[1..], "reproduce", request.Table, "--set", string.Create(CultureInfo.InvariantCulture, $"threads={threads}"), .. planArguments,
            "--out", request.Folder, "--cell", cell.Index.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        // Ctrl-C reaches the whole group: the process writes its checkpoint and ends by itself.
        process.WaitForExit();
        _ = output.Result;
        if (process.ExitCode == 0 || cancellation.IsCancellationRequested)
            return null;
        return errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()
            ?? string.Create(CultureInfo.InvariantCulture, $"ended with {process.ExitCode}");
    }
}
