using System.Diagnostics;
using Sio.Engine;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>Gives a target its inputs within this process. What ends the process ends the run: see <see cref="IsolatedRun"/>.</summary>
internal sealed class FuzzRun : IDisposable
{
    private readonly FuzzTarget _target;
    private readonly Limits _limits;
    private readonly TargetFolder _folder;
    private Worker _worker = new();

    internal FuzzRun(FuzzTarget target, Limits limits)
    {
        (_target, _limits) = (target, limits);
        _folder = new TargetFolder(target);
    }

    /// <summary>Called before each input with its number and what was accepted and rejected so far.</summary>
    internal Action<long, long, long>? Progress { get; init; }

    /// <summary>Called with each finding.</summary>
    internal Action<Finding>? Found { get; init; }

    /// <summary>Whether a reader never came back; no further input is tried then, since it may hold what others need.</summary>
    internal bool Hangs { get; private set; }

    /// <summary>What the reader threw last.</summary>
    internal Exception? LastError { get; private set; }

    public void Dispose()
    {
        _worker.Dispose();
        _folder.Dispose();
    }

    /// <summary>Makes inputs and tries them.</summary>
    internal Report Run(RunOptions options)
    {
        var maker = new InputMaker(_target, options.Seed);
        var saved = options.Output is { } output ? new FindingFolder(output, options.Seed) : null;
        var findings = new List<Finding>();
        long accepted = 0, rejected = 0, done = 0;
        var clock = Stopwatch.StartNew();
        for (; done < options.Inputs && !Hangs && !(clock.Elapsed > options.Time); done++)
        {
            var number = options.First + done;
            Progress?.Invoke(number, accepted, rejected);
            var (file, bytes) = maker.Make(number);
            var (wasAccepted, finding) = Try(file, bytes, number);
            finding ??= number < maker.Seeds.Count && maker.Seeds[(int)number].IsValid && !wasAccepted ? Rejected(file, bytes, number) : null;
            if (finding is not null)
            {
                findings.Add(finding);
                saved?.Save(finding, bytes);
                Found?.Invoke(finding);
            }
            else if (wasAccepted)
            {
                accepted++;
            }
            else
            {
                rejected++;
            }
        }

        Progress?.Invoke(options.First + done, accepted, rejected);
        return new Report(_target.Name, done, accepted, rejected, findings, clock.Elapsed);
    }

    /// <summary>Tries one input.</summary>
    /// <returns>Whether it was read, and what is wrong.</returns>
    internal (bool Accepted, Finding? Finding) Try(string file, byte[] bytes, long number = -1) => _folder.With(file, bytes, path =>
    {
        var attempt = Read(path);
        if (attempt is null)
            return (false, Finding("hang", "unknown", $"No answer after {_limits.Hang.TotalSeconds} s."));
        var kinds = attempt.Error is null ? null : Oracle.Fault(_target, attempt.Error, path, _limits);
        if (kinds is null && attempt.Bytes > _limits.Bytes + _target.MoreBytes)
            kinds = ("allocation", "unknown", $"{attempt.Bytes >> 20} MiB were allocated for a file of {bytes.Length} bytes. {attempt.Error}");

        // Whatever else the machine does may have taken the time, and tensors may wait for a finalizer: what is a fault comes twice.
        if (kinds is null && attempt.Time > _limits.Time && Read(path) is { } slow && slow.Time > _limits.Time)
            kinds = ("slow", "unknown", $"Reading a file of {bytes.Length} bytes took {attempt.Time.TotalSeconds:F1} and {slow.Time.TotalSeconds:F1} s. {attempt.Error}");
        if (kinds is null && attempt.Tensors > 0 && Leak(path) is > 0 and var left)
            kinds = ("leak", "unknown", $"{left} tensors were left. {attempt.Error}");
        return (attempt.Error is null, kinds is null ? null : Finding(kinds.Value.Kind, kinds.Value.Place, kinds.Value.Text));

        Finding Finding(string kind, string place, string text) => new(_target.Name, number, file, kind, place, text);
    });

    private Finding Rejected(string file, byte[] bytes, long number) => _folder.With(file, bytes, path =>
        new Finding(_target.Name, number, file, "seed", "unknown", $"A valid file was rejected. {Read(path)?.Error}"));

    // Null where there is no answer.
    private Attempt? Read(string path)
    {
        var attempt = new Attempt();
        var tensors = Tensors();
        if (!_worker.TryRun(() => attempt.Run(_target, path), _limits.Hang))
        {
            Hangs = true;
            _worker = new Worker();
            return null;
        }

        attempt.Tensors = Tensors() - tensors;
        LastError = attempt.Error;
        return attempt;
    }

    private long Tensors() => _target.MakesTensors ? TorchRuntime.LiveTensors : 0;

    private long Leak(string path)
    {
        Settle();
        var before = Tensors();
        Read(path);
        Settle();
        return Tensors() - before;
    }

    private static void Settle()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // What came of reading a file once.
    private sealed class Attempt
    {
        internal Exception? Error { get; private set; }

        internal TimeSpan Time { get; private set; }

        internal long Bytes { get; private set; }

        internal long Tensors { get; set; }

        internal void Run(FuzzTarget target, string path)
        {
            var (clock, bytes) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                target.Read(path);
            }
#pragma warning disable CA1031 // which exceptions may come is what is to be found out
            catch (Exception error)
#pragma warning restore CA1031
            {
                Error = error;
            }

            (Time, Bytes) = (clock.Elapsed, GC.GetAllocatedBytesForCurrentThread() - bytes);
        }
    }
}
