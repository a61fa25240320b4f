using System.Diagnostics;
using System.Globalization;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>
/// Gives a target its inputs in a process of its own. Where that dies or hangs, the input that it was at is a finding, and another process goes
/// on with the next. So native decoders and endless recursion are tried.
/// </summary>
internal sealed class IsolatedRun(FuzzTarget target, RunOptions options)
{
    // .NET's own memory, so that a reader that asks for much gets an error and the machine stays usable.
    private const string HeapLimit = "0x80000000";

    /// <summary>Makes inputs and tries them.</summary>
    internal Report Run()
    {
        var maker = new InputMaker(target, options.Seed);
        var saved = options.Output is { } output ? new FindingFolder(output, options.Seed) : null;
        var findings = new List<Finding>();
        long accepted = 0, rejected = 0, next = options.First;
        var end = options.First + options.Inputs;
        var clock = Stopwatch.StartNew();
        while (next < end && !(clock.Elapsed > options.Time))
        {
            using var child = new ChildFolder();
            child.WriteProgress(next, 0, 0);
            var death = Child(child, next, end - next, options.Time - clock.Elapsed);
            var (at, more, less) = child.ReadProgress();
            findings.AddRange(child.ReadFindings());
            (accepted, rejected) = (accepted + more, rejected + less);
            next = at;
            if (death is not var (kind, text))
                continue;
            findings.Add(new Finding(target.Name, at, maker.Make(at).File, kind, "unknown", text));
            next++;
        }

        foreach (var finding in findings)
            saved?.Save(finding, maker.Make(finding.Input).Bytes);
        return new Report(target.Name, next - options.First, accepted, rejected, findings, clock.Elapsed);
    }

    // What ended the process before its time; null where it came to its end.
    private (string Kind, string Text)? Child(ChildFolder folder, long first, long inputs, TimeSpan? time)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", typeof(IsolatedRun).Assembly.Location, "--child", folder.Path, "--target", target.Name, "--seed", Text(options.Seed), "--first", Text(first), "--inputs", Text(inputs)])
            start.ArgumentList.Add(argument);
        if (time is { } left)
        {
            start.ArgumentList.Add("--seconds");
            start.ArgumentList.Add(left.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var (before, since) = (-1L, Stopwatch.StartNew());
        while (!process.WaitForExit(50))
        {
            var (at, _, _) = folder.ReadProgress();
            if (at != before)
                (before, since) = (at, Stopwatch.StartNew());
            // The child tells of a hang itself; this is for one that cannot. Its own start counts, too.
            if (since.Elapsed < options.Limits.Hang * 3)
                continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return ("hang", "The process made no progress and was ended.");
        }

        process.WaitForExit();
        return process.ExitCode is 0 or 1 ? null : ("death", string.Create(CultureInfo.InvariantCulture, $"The process ended with exit code {process.ExitCode}. {Shortened(errors.Result)}"));
    }

    private static string Shortened(string text) => text.Length <= 2000 ? text : text[..2000] + "…";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
