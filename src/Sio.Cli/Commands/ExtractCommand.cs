using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Recipes;

namespace Sio.Cli.Commands;

/// <summary><c>sio extract</c>: a trained run's features as a bank on disk.</summary>
internal static class ExtractCommand
{
    internal static Command Create()
    {
        var folder = new Argument<string>("run") { Description = "The folder of a trained run.", HelpName = "RUN" };
        var sets = new Option<string?>("--sets") { Description = "Image sets, separated by commas: train, val, id, and the benchmark's OOD and covariate-shifted ID sets by name; all when left out.", HelpName = "A,B" };
        var output = new Option<string>("--out") { Description = "Folder of the bank.", HelpName = "BANK", Required = true };
        var mnist = new Option<string?>("--mnist") { Description = "Folder with MNIST's t10k IDX files, one more OOD set.", HelpName = "DIR" };
        var severity = EvaluateCommand.CorruptionSeverity();
        var command = new Command("extract", "Write a trained run's features, logits and labels as .npy files, for 'sio score' or other programs.");
        Help.SetExamples(command, "sio extract runs/mine --out bank", "sio extract runs/mine --sets train,val,id,blobs --out bank");
        command.Arguments.Add(folder);
        command.Options.Add(sets);
        command.Options.Add(output);
        command.Options.Add(mnist);
        command.Options.Add(severity);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = DetectorOptions.Split(parsed.GetValue(sets), "--sets");
            var source = new RunFolder(parsed.GetValue(folder)!);
            var run = Prepare(source, parsed.GetValue(mnist), parsed.GetValue(severity));
            var target = Path.GetFullPath(parsed.GetValue(output)!);
            using var progress = new Progress();
            progress.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}: extracting");
            var written = BankExtractor.Extract(run, source, names, target, progress, interruption.Token);
            progress.End(string.Join(", ", written.Select(entry => $"{entry.Set} ({entry.Count})")));
            Console.WriteLine($"Bank: {Path.GetRelativePath(Environment.CurrentDirectory, target)}");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A run as its folder has it, with one more OOD set where MNIST is named, and corrupted ID test images where a severity is.</summary>
    internal static Run Prepare(RunFolder source, string? mnist, int? severity = null)
    {
        if (!File.Exists(source.RecipePath))
            throw new DataException($"{source.Path} is no run: {source.RecipePath} is missing");
        var recipe = RecipeReader.Read<Recipe>(source.RecipePath);
        if (mnist is not null)
            recipe = recipe with { Data = recipe.Data with { Mnist = mnist } };
        if (severity is { } chosen)
            recipe = recipe with { Data = recipe.Data with { CorruptionSeverity = chosen } };
        return Run.Prepare(recipe);
    }
}
