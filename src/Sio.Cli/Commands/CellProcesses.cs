using System.Diagnostics;
using System.Globalization;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Commands;

/// <summary>Makes the cells of a table, several at a time, each in a process of its own.</summary>
internal static class CellProcesses
{
    /// <summary>Makes all cells that are not done. One that fails does not stop the others.</summary>
    /// <param name="request">The plan, and where it is made.</param>
    /// <param name="parallel">Processes at a time, ≥ 1.</param>
    /// <param name="planArguments">The arguments that make the plan.</param>
    /// <param name="interruption">Handed on: the first signal lets the processes write their checkpoints and end, the second ends them at once.</param>
    /// <returns>What failed, each with the reason and the place of its log.</returns>
    /// <exception cref="OperationCanceledException">Stopped, after the processes have written their checkpoints.</exception>
    internal static (string Label, string Reason)[] MakeAll(ReproduceRequest request, int parallel, IReadOnlyList<string> planArguments, Interruption interruption)
    {
        var failures = new List<(string, string)>();
        var running = new List<CellProcess>();
        var waiting = new Queue<TrainingCell>(request.Plan.Cells.Where(cell => !request.Runner.IsDone(cell)));
        var (made, total) = (0, waiting.Count);
        var threads = Math.Max(Environment.ProcessorCount / parallel, 1);
        var cancellation = interruption.Token;
        interruption.AtOnce = () =>
        {
            lock (waiting)
                running.ForEach(process => process.Kill());
        };
        var workers = Enumerable.Range(0, Math.Min(parallel, total)).Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Task.WaitAll(workers, CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return [.. failures];

        void Work()
        {
            while (!cancellation.IsCancellationRequested)
            {
                TrainingCell cell;
                CellProcess process;
                lock (waiting)
                {
                    if (!waiting.TryDequeue(out cell!))
                        return;
                    process = new CellProcess(request, cell, threads, planArguments);
                    running.Add(process);
                }

                var clock = Stopwatch.StartNew();
                var (end, reason) = process.Run(cancellation);
                lock (waiting)
                {
                    running.Remove(process);
                    made++;
                    var how = end switch { CellEnd.Done => "done", CellEnd.Stopped => "stopped", _ => $"failed: {reason}" };
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{made}/{total} {cell.Label}: {how}, {clock.Elapsed.TotalSeconds:F0} s"));
                    if (reason is not null)
                        failures.Add((cell.Label, reason));
                }
            }
        }
    }
}
