using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Commands;

/// <summary>Makes one cell of a table in a process of its own: LibTorch's threads belong to a process, so two trainings in one would fight over them.</summary>
internal sealed class CellProcess
{
    /// <summary>What the process prints, in the cell's folder.</summary>
    private const string LogName = "process.log";

    private const string ErrorPrefix = "error: ";

    private readonly Lock _lock = new();
    private readonly string _log;
    private readonly ProcessStartInfo _start;
    private Process? _process;
    private string? _error;

    /// <summary>Says what to start.</summary>
    /// <param name="request">The plan, and where it is made.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="threads">Its share of the processors; the user's own <c>threads</c> counts for more.</param>
    /// <param name="planArguments">The arguments that make the plan.</param>
    internal CellProcess(ReproduceRequest request, TrainingCell cell, int threads, IReadOnlyList<string> planArguments)
    {
        _log = Path.Combine(request.Runner.FolderOf(cell).Path, LogName);
        _start = new ProcessStartInfo(Command[0]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        string[] arguments =
        [
            // The last word on a key is the user's.
            .. Command[1..], "reproduce", request.Table, "--set", string.Create(CultureInfo.InvariantCulture, $"threads={threads}"), .. planArguments,
            "--out", request.Folder, "--cell", cell.Index.ToString(CultureInfo.InvariantCulture), ReproduceOptions.Supervised,
        ];
        foreach (var argument in arguments)
            _start.ArgumentList.Add(argument);
    }

    /// <summary>What starts this program again, from any folder: the program itself, or the runtime with the program's file.</summary>
    internal static string[] Command => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
        : [Environment.ProcessPath!];

    /// <summary>Runs the process to its end.</summary>
    /// <param name="cancellation">Lets it write its checkpoint and end.</param>
    /// <returns>How it went, and why where it failed.</returns>
    internal (CellEnd End, string? Reason) Run(CancellationToken cancellation)
    {
        try
        {
            return Started(cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return (CellEnd.Failed, $"cannot be started with the log {_log}: {error.Message}");
        }
    }

    /// <summary>Ends the process without a checkpoint, if it runs.</summary>
    internal void Kill()
    {
        lock (_lock)
            _process?.Kill();
    }

    private (CellEnd End, string? Reason) Started(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_log)!);
        using var log = new StreamWriter(_log, append: true) { AutoFlush = true };
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC"));
        using var process = new Process { StartInfo = _start };
        process.OutputDataReceived += (_, line) => Write(log, line.Data, error: false);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data, error: true);
        lock (_lock)
        {
            process.Start();
            _process = process;
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (cancellation.Register(process.StandardInput.Close))
            process.WaitForExit();
        lock (_lock)
            _process = null;
        if (process.ExitCode == ExitCodes.Success)
            return (CellEnd.Done, null);
        if (process.ExitCode == ExitCodes.Interrupted)
            return (CellEnd.Stopped, "was stopped by a signal");
        return (CellEnd.Failed, $"{_error ?? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {process.ExitCode}")} (log: {_log})");
    }

    private void Write(StreamWriter log, string? line, bool error)
    {
        if (line is null)
            return;
        lock (log)
        {
            log.WriteLine(line);
            if (error && line.StartsWith(ErrorPrefix, StringComparison.Ordinal))
                _error = line[ErrorPrefix.Length..];
        }
    }
}

/// <summary>How a cell's process ended.</summary>
internal enum CellEnd
{
    Done,
    Failed,
    Stopped,
}
