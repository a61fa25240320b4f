using System.CommandLine;
using Sio.Cli.Output;
using Sio.Evaluation;
using Sio.Experiments;

namespace Sio.Cli.Commands;

/// <summary><c>sio compare</c>: what one way of training brings over another, and whether that is more than chance.</summary>
internal static class CompareCommand
{
    internal static Command Create()
    {
        var folders = new Argument<string[]>("base") { Description = "Folders of evaluated runs to compare against, one per seed; or a quickstart's folder, whose baseline is taken.", HelpName = "BASE", Arity = ArgumentArity.OneOrMore };
        var with = new Option<string[]>("--with") { Description = "Folders of the runs to compare, one per seed; of a quickstart's folder its SIO arm. Left out, BASE is quickstarts, and both their arms are compared.", HelpName = "SIO", AllowMultipleArgumentsPerToken = true };
        var json = new Option<string?>("--json") { Description = "File for everything in full precision: values, intervals, p-values, methods.", HelpName = "FILE" };
        var replicates = new Option<int>("--replicates") { Description = "Bootstrap replicates, where there is one run per side.", HelpName = "N", DefaultValueFactory = _ => StratifiedBootstrap.DefaultReplicates };
        replicates.Require<int>(count => count >= 100, "expected a number from 100");
        var seed = new Option<long>("--seed") { Description = "Seed of the bootstrap.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var metrics = new Option<string?>("--metrics") { Description = $"What to compare, of {string.Join(", ", Comparison.Metrics)}; auroc,fpr95 when left out.", HelpName = "a,b" };
        var command = new Command("compare", "Compare runs with others on the same images: near- and far-OOD AUROC and FPR@95 of every detector, the difference with its 95 % interval, and what is significant after Holm's correction over all rows.");
        Help.SetExamples(command,
            "sio compare runs/quickstart",
            "sio compare runs/base/seed* --with runs/sio/seed* --json compare.json");
        command.Arguments.Add(folders);
        command.Options.Add(with);
        command.Options.Add(json);
        command.Options.Add(replicates);
        command.Options.Add(seed);
        command.Options.Add(metrics);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var comparison = new Comparison(parsed.GetValue(folders)!, parsed.GetValue(with) ?? []);
            var results = comparison.Compute(new StratifiedBootstrap(parsed.GetValue(replicates), parsed.GetValue(seed)), DetectorOptions.Split(parsed.GetValue(metrics), "--metrics"), interruption.Token);
            if (parsed.GetValue(json) is { } file)
                results.Write(file);
            ComparisonTable.Print(results);
            return ExitCodes.Success;
        });
        return command;
    }
}
