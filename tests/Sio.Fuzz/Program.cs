using System.CommandLine;
using System.CommandLine.Help;
using Sio.Cli.Output;
using Sio.Fuzz.Running;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz;

/// <summary>
/// Gives every reader of foreign files spoilt ones, and tells where one does anything else than reading them or rejecting them with one clear
/// line. The same seed makes the same inputs.
/// </summary>
internal static class Program
{
    private const int Faults = 1, Usage = 2;

    // A target that takes milliseconds for an input gets so much fewer, where all run.
    private const int Dearness = 10;

    private static readonly Option<bool> s_list = new("--list") { Description = "List the targets." };
    private static readonly Option<string> s_target = new("--target") { Description = "A target's name, or all.", HelpName = "NAME", DefaultValueFactory = _ => "all" };
    private static readonly Option<string[]> s_without = new("--without") { Description = "Targets to leave out of all.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<long?> s_inputs = new("--inputs") { Description = "Inputs per target, of all targets a tenth for those that are slow; 1000 when left out, no limit with --seconds.", HelpName = "N" };
    private static readonly Option<double?> s_seconds = new("--seconds") { Description = "Stop a target after so long.", HelpName = "S" };
    private static readonly Option<long> s_seed = new("--seed") { Description = "Decides the inputs.", HelpName = "S", DefaultValueFactory = _ => 0 };
    private static readonly Option<long> s_first = new("--first") { Description = "Begin with this input.", HelpName = "I", DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> s_out = new("--out") { Description = "Folder for the files that are findings.", HelpName = "DIR" };
    private static readonly Option<bool> s_isolated = new("--isolated") { Description = "Read in a process of its own, which is started again after an input that ends it." };
    private static readonly Option<string?> s_replay = new("--replay") { Description = "Read one file, with --target, and tell what comes of it.", HelpName = "FILE" };
    private static readonly Option<string?> s_child = new("--child") { Description = "Used by --isolated.", Hidden = true };

    private static int Main(string[] args)
    {
        var root = new Command("sio-fuzz", "Give the readers of foreign files spoilt ones, and find what they do not foresee.");
        root.Options.Add(Help.WithExamples(new HelpOption()));
        Help.SetExamples(
            root,
            "sio-fuzz --list",
            "sio-fuzz --inputs 20000 --isolated --out findings",
            "sio-fuzz --target npz --seconds 60 --seed 7",
            "sio-fuzz --target npz --replay findings/npz/message-0-123/input.npz");
        foreach (var option in (Option[])[s_list, s_target, s_without, s_inputs, s_seconds, s_seed, s_first, s_out, s_isolated, s_replay, s_child])
            root.Options.Add(option);
        root.SetAction(Run);
        return root.Parse(args).Invoke();
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(s_list))
            return List();
        if (Chosen(parsed) is not { } targets)
            return Usage;
        if (parsed.GetValue(s_replay) is { } file)
            return targets is [var only] ? Replay(only, file) : Refuse("--replay needs --target NAME");
        if (parsed.GetValue(s_child) is { } folder)
            return Child(targets[0], Options(parsed, targets[0], isOne: true), folder);

        var reports = new List<Report>();
        foreach (var target in targets)
        {
            reports.Add(RunOne(target, Options(parsed, target, targets.Count == 1), parsed.GetValue(s_isolated)));
            Summary.Print(reports[^1], isFirst: reports.Count == 1);
        }

        Summary.PrintEnd(reports, parsed.GetValue(s_seed));
        return reports.Any(report => report.Findings.Count > 0) ? Faults : 0;
    }

    private static Report RunOne(FuzzTarget target, RunOptions options, bool isolated)
    {
        if (isolated || target.IsNative)
            return new IsolatedRun(target, options).Run();
        using var run = new FuzzRun(target, options.Limits);
        return run.Run(options);
    }

    private static int Child(FuzzTarget target, RunOptions options, string folder)
    {
        using var told = new ChildFolder(folder);
        using var run = new FuzzRun(target, options.Limits) { Progress = told.WriteProgress, Found = told.Write };
        return run.Run(options).Findings.Count > 0 ? Faults : 0;
    }

    private static int Replay(FuzzTarget target, string file)
    {
        using var run = new FuzzRun(target, new Limits());
        var (accepted, finding) = run.Try(FindingFolder.NameOf(file, target), File.ReadAllBytes(file));
        Console.WriteLine(finding is not null ? $"{finding.Fault}\n{finding.Text}" : accepted ? "accepted" : $"rejected: {run.LastError?.Message}");
        return finding is null ? 0 : Faults;
    }

    private static int List()
    {
        var names = FuzzTarget.All().Select(target => target.Name).ToHashSet();
        foreach (var entry in Catalog<FuzzTarget>.Entries.Where(entry => names.Contains(entry.Name)))
            Console.WriteLine($"{entry.Name,-20} {entry.Summary}");
        return 0;
    }

    private static RunOptions Options(ParseResult parsed, FuzzTarget target, bool isOne)
    {
        var seconds = parsed.GetValue(s_seconds);
        var inputs = parsed.GetValue(s_inputs) ?? (seconds is null ? 1000 : long.MaxValue / 2);
        return new RunOptions
        {
            Seed = parsed.GetValue(s_seed),
            First = parsed.GetValue(s_first),
            Inputs = target.IsDear && !isOne ? Math.Max(1, inputs / Dearness) : inputs,
            Time = seconds is { } limit ? TimeSpan.FromSeconds(limit) : null,
            Output = parsed.GetValue(s_out),
        };
    }

    private static List<FuzzTarget>? Chosen(ParseResult parsed)
    {
        var name = parsed.GetValue(s_target)!;
        var without = parsed.GetValue(s_without) ?? [];
        if (without.Append(name).FirstOrDefault(asked => asked != "all" && !Catalog<FuzzTarget>.Names.Contains(asked)) is { } unknown)
        {
            Refuse($"there is no target '{unknown}'; --list shows those that there are");
            return null;
        }

        return name == "all" ? [.. FuzzTarget.All().Where(target => !without.Contains(target.Name))] : [Catalog<FuzzTarget>.Create(name)];
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"error: {message}");
        return Usage;
    }
}
