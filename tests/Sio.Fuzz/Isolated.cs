using System.Diagnostics;
using System.Globalization;

namespace Sio.Fuzz;

/// <summary>
/// Runs a target in a process of its own, which is started anew after an input that ended it or that it hangs at: decoders are native code, and
/// a stack that overflows cannot be caught.
/// </summary>
internal static class Isolated
{
    /// <summary>Says the number of the input that is read now: a process that dies can say no more.</summary>
    internal const string Now = "now ";

    internal static Tally Run(FuzzTarget target, long seed, long inputs, TimeSpan? most, string? output, TimeSpan limit)
    {
        var all = new Tally(target.Name);
        var clock = Stopwatch.StartNew();
        var next = 0L;
        while (next < inputs && !(clock.Elapsed > most))
        {
            var (ended, last, said) = Child(target, seed, next, inputs - next, most - clock.Elapsed, output);
            foreach (var line in said)
                Take(all, line);
            if (ended == 0)
                break;
            if (last < next)
                throw new InvalidOperationException($"{target.Name}: the process ended with code {ended} before its first input");
            // A hang ends the child too, and is among what it said.
            if (ended != HangCode)
            {
                var campaign = new Campaign(target, seed, new Oracle(limit), output);
                campaign.Note(all, last, string.Create(CultureInfo.InvariantCulture, $"ended the process with code {ended}"), campaign.Input(last));
                all.Inputs += last - next + 1;
            }

            next = last + 1;
        }

        all.Seconds = clock.Elapsed.TotalSeconds;
        return all;
    }

    /// <summary>What a child ends with that hangs.</summary>
    internal const int HangCode = 77;

    private static (int Code, long Last, List<string> Said) Child(FuzzTarget target, long seed, long from, long inputs, TimeSpan? most, string? output)
    {
        var arguments = new List<string>
        {
            Path.Combine(AppContext.BaseDirectory, "sio-fuzz.dll"), "--target", target.Name, "--seed", Number(seed), "--from", Number(from), "--inputs", Number(inputs), "--child",
        };
        if (most is { } time)
            arguments.AddRange(["--seconds", Math.Max(1, time.TotalSeconds).ToString(CultureInfo.InvariantCulture)]);
        if (output is not null)
            arguments.AddRange(["--out", output]);
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var (last, said) = (-1L, new List<string>());
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Now, StringComparison.Ordinal))
                last = long.Parse(line.AsSpan(Now.Length), CultureInfo.InvariantCulture);
            else
                said.Add(line);
        }

        process.WaitForExit();
        return (process.ExitCode, last, said);
    }

    /// <summary>A tally as lines that the parent reads.</summary>
    internal static IEnumerable<string> Lines(Tally tally) =>
        [
            string.Create(CultureInfo.InvariantCulture, $"tally\t{tally.Inputs}\t{tally.Accepted}\t{tally.Rejected}"),
            .. tally.Findings.Select(finding => string.Create(CultureInfo.InvariantCulture, $"finding\t{finding.Number}\t{finding.Reason}")),
        ];

    private static void Take(Tally all, string line)
    {
        var parts = line.Split('\t');
        if (parts is ["tally", var inputs, var accepted, var rejected])
        {
            all.Inputs += long.Parse(inputs, CultureInfo.InvariantCulture);
            all.Accepted += long.Parse(accepted, CultureInfo.InvariantCulture);
            all.Rejected += long.Parse(rejected, CultureInfo.InvariantCulture);
        }
        else if (parts.Length >= 3 && parts[0] == "finding")
        {
            all.Findings.Add((long.Parse(parts[1], CultureInfo.InvariantCulture), string.Join(' ', parts[2..])));
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
