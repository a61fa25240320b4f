using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Commands;

/// <summary>The options of <c>sio reproduce</c>.</summary>
internal sealed class ReproduceOptions
{
    /// <summary>Said to a process that makes a cell for another: its end is that one's to decide, see <see cref="Interruption"/>.</summary>
    internal const string Supervised = "--supervised";

    private readonly Option<string?> _methods = new("--methods") { Description = "Rows of the table by name, separated by commas; all when left out.", HelpName = "A,B" };
    private readonly Option<string> _arms = new("--arms") { Description = "baseline, sio, or both.", HelpName = "A,B", DefaultValueFactory = _ => "baseline,sio" };
    private readonly Option<int?> _runs = new("--runs") { Description = "Seeds per training and arm, from 0 on; as the table has it when left out.", HelpName = "N" };
    private readonly Option<bool> _fast = new("--fast") { Description = "The table's fast settings: a smaller network, fewer epochs. No figures of the paper." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "List every training with its cost, and make none." };
    private readonly Option<int> _parallel = new("--parallel") { Description = "Trainings at a time, each a process of its own with its share of the processors.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _synthetic = new("--synthetic") { Description = "Synthetic images of the SIO arm (key synthetic.path); the table's own when left out.", HelpName = "PATH" };
    private readonly Option<string?> _data = new("--data") { Description = "Folder of the data sets (key data.folder).", HelpName = "DIR" };
    private readonly Option<string[]> _set = new("--set") { Description = "Override a recipe key in all trainings, e.g. --set training.epochs=20; keys of synthetic in the SIO arm alone. May be given several times.", HelpName = "key=value" };
    private readonly Option<string?> _out = new("--out") { Description = "Folder of the runs; runs/reproduce/<table> when left out.", HelpName = "DIR" };
    private readonly Option<bool> _withPaper = new("--with-paper") { Description = "The paper's own figure beside each." };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Write the table as Markdown, too.", HelpName = "FILE" };
    private readonly Option<string?> _csv = new("--csv") { Description = "Write it as CSV, in full precision.", HelpName = "FILE" };
    private readonly Option<string?> _latex = new("--latex") { Description = "Write it as LaTeX.", HelpName = "FILE" };
    private readonly Option<string?> _slurm = new("--slurm") { Description = "Write a job-array script with one task per training instead, and make none.", HelpName = "FILE" };
    private readonly Option<int?> _cell = new("--cell") { Description = "Make this one training of the plan, as a job array's task does; no table is printed.", HelpName = "I" };
    private readonly Option<bool> _supervised = new(Supervised) { Description = "End when standard input does.", Hidden = true };

    internal ReproduceOptions()
    {
        _runs.Require<int>(runs => runs >= 1, "expected a number from 1");
        _parallel.Require<int>(count => count >= 1, "expected a number from 1");
    }

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { _methods, _arms, _runs, _fast, _dryRun, _parallel, _synthetic, _data, _set, _out, _withPaper, _markdown, _csv, _latex, _slurm, _cell, _supervised })
            command.Options.Add(option);
    }

    internal TableOptions Plan(ParseResult parsed) => new()
    {
        Methods = parsed.GetValue(_methods) is { } methods ? Split(methods) : null,
        Arms = Split(parsed.GetValue(_arms)!),
        Runs = parsed.GetValue(_runs),
        Fast = parsed.GetValue(_fast),
        Synthetic = parsed.GetValue(_synthetic),
        DryRun = parsed.GetValue(_dryRun) && parsed.GetValue(_slurm) is null && parsed.GetValue(_cell) is null,
        Overrides = [.. parsed.GetValue(_data) is { } data ? [$"data.folder={RecipeOptions.Quoted(data)}"] : Array.Empty<string>(), .. parsed.GetValue(_set) ?? []],
    };

    /// <summary>The arguments that make the same plan in another process, from any folder.</summary>
    internal IReadOnlyList<string> PlanArguments(ParseResult parsed)
    {
        var arguments = new List<string>();
        if (parsed.GetValue(_methods) is { } methods)
            arguments.AddRange(["--methods", methods]);
        arguments.AddRange(["--arms", parsed.GetValue(_arms)!]);
        if (parsed.GetValue(_runs) is { } runs)
            arguments.AddRange(["--runs", runs.ToString(CultureInfo.InvariantCulture)]);
        if (parsed.GetValue(_fast))
            arguments.Add("--fast");
        if (parsed.GetValue(_synthetic) is { } synthetic)
            arguments.AddRange(["--synthetic", synthetic.StartsWith(Sio.Experiments.Run.ShippedPrefix, StringComparison.Ordinal) ? synthetic : Path.GetFullPath(synthetic)]);
        if (parsed.GetValue(_data) is { } data)
            arguments.AddRange(["--data", Path.GetFullPath(data)]);
        foreach (var text in parsed.GetValue(_set) ?? [])
            arguments.AddRange(["--set", text]);
        return arguments;
    }

    internal bool IsFast(ParseResult parsed) => parsed.GetValue(_fast);

    internal string? Folder(ParseResult parsed) => parsed.GetValue(_out);

    internal bool DryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    internal int Parallel(ParseResult parsed) => parsed.GetValue(_parallel);

    internal bool WithPaper(ParseResult parsed) => parsed.GetValue(_withPaper);

    internal string? Slurm(ParseResult parsed) => parsed.GetValue(_slurm);

    internal bool IsSupervised(ParseResult parsed) => parsed.GetValue(_supervised);

    internal int? Cell(ParseResult parsed) => parsed.GetValue(_cell);

    internal IEnumerable<(string Path, string Text)> Files(ParseResult parsed, TablePlan plan, TableResults results, PaperFigures? paper)
    {
        if (parsed.GetValue(_markdown) is { } markdown)
            yield return (markdown, TableText.Markdown(plan, results, paper));
        if (parsed.GetValue(_csv) is { } csv)
            yield return (csv, TableText.Csv(plan, results, paper));
        if (parsed.GetValue(_latex) is { } latex)
            yield return (latex, TableText.Latex(plan, results, paper));
    }

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
