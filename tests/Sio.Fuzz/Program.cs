using System.CommandLine;
using System.Globalization;
using Sio.Data;
using Sio.Engine;

namespace Sio.Fuzz;

/// <summary>
/// Mutated files for every reader of the library. An input is found again by target, seed and number; one that is a finding is kept with
/// <c>--out</c> and read again with <c>--replay</c>.
/// </summary>
internal static class Program
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(20);

    private static int Main(string[] args)
    {
        TorchRuntime.Initialize();
        var target = new Option<string>("--target") { Description = "A target's name, or all.", DefaultValueFactory = _ => "all" };
        var inputs = new Option<long>("--inputs") { Description = "Inputs per target.", DefaultValueFactory = _ => 1000 };
        var seconds = new Option<double?>("--seconds") { Description = "Ends a target after so many seconds even so." };
        var seed = new Option<long>("--seed") { Description = "The same seed makes the same inputs.", DefaultValueFactory = _ => 1 };
        var from = new Option<long>("--from") { Description = "The number of the first input." };
        var output = new Option<string?>("--out") { Description = "A folder for inputs that are findings, and the list of these." };
        var replay = new Option<string?>("--replay") { Description = "Read this file with one target, and show the whole error." };
        var list = new Option<bool>("--list") { Description = "List the targets." };
        var isolated = new Option<bool>("--isolated") { Description = "A process per target, started anew after an input that ends it." };
        var child = new Option<bool>("--child") { Hidden = true };
        var root = new RootCommand(
            "Reads mutated files with every reader of SIO. A finding is whatever is neither read nor rejected in one line that names the file: another exception, a hang, 512 MiB for a small file, "
            + "tensors left behind.\n\nExamples:\n  sio-fuzz --inputs 20000 --isolated --out findings\n  sio-fuzz --target yaml-recipe --seed 7 --seconds 60\n  sio-fuzz --target npz --replay findings/npz-1-42-images.npz")
        {
            target, inputs, seconds, seed, from, output, replay, list, isolated, child,
        };
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
            {
                foreach (var one in FuzzTarget.All)
                    Console.WriteLine($"{one.Name,-20} {one.FileName}, {one.Seeds().Count} seeds");
                return 0;
            }

            var name = parsed.GetValue(target)!;
            FuzzTarget[] targets = [.. FuzzTarget.All.Where(one => name == "all" || one.Name == name)];
            if (targets.Length == 0)
            {
                Console.Error.WriteLine($"error: no target {name}; --list shows them");
                return 2;
            }

            if (parsed.GetValue(replay) is { } file)
                return Replay(targets, file);
            TimeSpan? most = parsed.GetValue(seconds) is { } time ? TimeSpan.FromSeconds(time) : null;
            var (first, count, folder) = (parsed.GetValue(from), parsed.GetValue(inputs), parsed.GetValue(output));
            if (parsed.GetValue(child))
                return Child(targets[0], parsed.GetValue(seed), first, count, most, folder);
            var tallies = new List<Tally>();
            Console.WriteLine($"{"target",-20} {"inputs",9} {"read",9} {"rejected",9} {"findings",9} {"inputs/s",9}");
            foreach (var one in targets)
            {
                var tally = parsed.GetValue(isolated)
                    ? Isolated.Run(one, parsed.GetValue(seed), count, most, folder, s_hang)
                    : new Campaign(one, parsed.GetValue(seed), new Oracle(s_hang), folder).Run(first, count, most);
                tallies.Add(tally);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{tally.Target,-20} {tally.Inputs,9} {tally.Accepted,9} {tally.Rejected,9} {tally.Findings.Count,9} {tally.Inputs / tally.Seconds,9:F0}"));
                foreach (var (number, reason) in tally.Findings)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    input {number}: {reason}"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"all",-20} {tallies.Sum(one => one.Inputs),9} {tallies.Sum(one => one.Accepted),9} {tallies.Sum(one => one.Rejected),9} {tallies.Sum(one => one.Findings.Count),9}"));
            return tallies.Any(one => one.Findings.Count > 0) ? 1 : 0;
        });
        return root.Parse(args).Invoke();
    }

    private static int Child(FuzzTarget target, long seed, long from, long inputs, TimeSpan? most, string? output)
    {
        var tally = new Campaign(target, seed, new Oracle(s_hang), output).Run(from, inputs, most, number => Console.WriteLine($"{Isolated.Now}{number}"));
        foreach (var line in Isolated.Lines(tally))
            Console.WriteLine(line);
        if (tally.Hangs)
            Environment.Exit(Isolated.HangCode);
        return 0;
    }

    private static int Replay(FuzzTarget[] targets, string file)
    {
        if (targets.Length != 1)
            throw new DataException("--replay needs --target with one target's name");
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-").FullName;
        var path = Path.Combine(folder, targets[0].FileName);
        File.Copy(file, path);
        var verdict = new Oracle(s_hang).Judge(targets[0], path);
        Console.WriteLine($"{verdict.Outcome} {verdict.Reason}");
        if (verdict.Outcome != Outcome.Accepted && verdict.Outcome != Outcome.Hanging)
        {
            try
            {
                targets[0].Read(path);
            }
#pragma warning disable CA1031 // it is shown
            catch (Exception error)
#pragma warning restore CA1031
            {
                Console.WriteLine(error);
            }
        }

        Directory.Delete(folder, recursive: true);
        return verdict.Outcome >= Outcome.Finding ? 1 : 0;
    }
}
