using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;

namespace Sio.Cli.Commands;

/// <summary><c>sio data benchmarks</c>: which sets make which benchmark, and which of them are here.</summary>
internal static class DataBenchmarksCommand
{
    internal static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "A benchmark, or a benchmark file (.yml), to tell all about; all in two lines each when left out.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--data") { Description = "Folder of the images (key data.folder), looked in before the data store.", HelpName = "DIR" };
        var command = new Command("benchmarks", "List the benchmarks, and say which of their sets are not here.");
        Help.SetExamples(command, "sio data benchmarks", "sio data benchmarks cifar10", "sio data benchmarks cifar10 --data ~/data");
        command.Arguments.Add(name);
        command.Options.Add(folder);
        command.SetAction(parsed =>
        {
            var options = new BenchmarkOptions { Folder = parsed.GetValue(folder) };
            if (parsed.GetValue(name) is { } one && one != BenchmarkCatalog.OwnFiles)
            {
                Describe(one, options);
                return ExitCodes.Success;
            }

            foreach (var benchmark in BenchmarkCatalog.Names.Where(entry => entry != BenchmarkCatalog.OwnFiles))
            {
                var missing = BenchmarkCatalog.MissingOf(benchmark, options);
                Console.WriteLine($"{benchmark}  {BenchmarkCatalog.Get(benchmark).Summary}");
                Console.WriteLine(missing.Count == 0 ? "    all of it is here" : $"    not here: {string.Join(", ", missing.Select(Label))}");
            }

            Console.WriteLine($"{BenchmarkCatalog.OwnFiles}  your own image sets: data.train, data.test, data.near, data.far of a recipe");
            Console.WriteLine("'sio data benchmarks NAME' says where a benchmark's images come from.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Describe(string name, BenchmarkOptions options)
    {
        var file = BenchmarkCatalog.Get(name);
        var missing = BenchmarkCatalog.MissingOf(name, options).ToDictionary(set => (set.Group, set.Name), set => set.Hint);
        Console.WriteLine($"{file.Name}: {file.Summary}");
        if (file.Size is { } size)
            Console.WriteLine($"images: {file.Channels}×{size}×{size}{(file.ShorterSide is { } side ? $", cut out of the middle at a shorter side of {side}" : string.Empty)}");
        if (file.Classes is { } classes)
            Console.WriteLine($"known classes: {classes}{(file.IgnoredClasses is { } ignored ? $"; neither known nor held out: {ignored}" : string.Empty)}");
        foreach (var (group, set, source) in new[] { ("ID", "train", file.Train), ("ID", "test", file.Test) }
            .Concat(file.Near.Select(entry => ("near", entry.Key, entry.Value))).Concat(file.Far.Select(entry => ("far", entry.Key, entry.Value)))
            .Concat(file.ShiftedId.Select(entry => ("shifted_id", entry.Key, entry.Value))))
        {
            Console.WriteLine($"{group}: {set} = {source}");
            if (missing.TryGetValue((group, set), out var hint))
                Console.WriteLine($"    not here: {hint}");
        }

        Console.WriteLine($"looked in {(options.Folder is { } folder ? $"{folder} and " : string.Empty)}{DataStore.Default.Root}");
    }

    private static string Label(MissingSet set) => set.Group == "ID" ? $"{set.Name} (ID)" : set.Name;
}
