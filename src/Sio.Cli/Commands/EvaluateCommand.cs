using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Recipes;
using Sio.Experiments.Results;

namespace Sio.Cli.Commands;

/// <summary><c>sio evaluate</c>: detectors on a trained run.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var folder = new Argument<string>("run") { Description = "The folder of a trained run.", HelpName = "RUN" };
        var detectors = new Option<string?>("--detectors") { Description = "Detectors by name, separated by commas, or all; the recipe's when left out.", HelpName = "a,b|all" };
        var output = new Option<string?>("--out") { Description = "Folder for scores and results.json; the run's own when left out.", HelpName = "DIR" };
        var mnist = new Option<string?>("--mnist") { Description = "Folder with MNIST's t10k IDX files, one more far-OOD set.", HelpName = "DIR" };
        var command = new Command("evaluate", "Measure how well detectors tell a trained run's ID test images from near- and far-OOD images.");
        Help.SetExamples(command, 
            "sio evaluate runs/mine",
            "sio evaluate runs/quickstart/sio/seed0 --detectors all --out results/sio",
            "sio evaluate runs/mine --detectors msp,knn --mnist ~/mnist");
        command.Arguments.Add(folder);
        command.Options.Add(detectors);
        command.Options.Add(output);
        command.Options.Add(mnist);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var source = new RunFolder(parsed.GetValue(folder)!);
            if (!File.Exists(source.RecipePath))
                throw new DataException($"{source.Path} is no run: {source.RecipePath} is missing");
            var recipe = RecipeReader.Read<Recipe>(source.RecipePath);
            if (parsed.GetValue(mnist) is { } place)
                recipe = recipe with { Data = recipe.Data with { Mnist = place } };
            var run = Run.Prepare(recipe);
            return Evaluate(run, source, parsed.GetValue(detectors), parsed.GetValue(output), interruption.Token);
        });
        return command;
    }

    private static int Evaluate(Run run, RunFolder source, string? detectors, string? output, CancellationToken cancellation)
    {
        var target = Path.GetFullPath(output ?? source.Path);
        var names = detectors?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names is { Length: 0 })
            throw new UsageException("--detectors needs at least one name");
        using var progress = new Progress();
        progress.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}: evaluating");
        var results = Evaluator.Single(run, Evaluator.Evaluate(run, source, names, target, progress, cancellation));
        var file = Path.Combine(target, "results.json");
        ResultsFile.Write(file, results);
        progress.End("done");
        ResultsTable.Print(ResultsSummary.Create(results));
        Console.WriteLine($"Results: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return ExitCodes.Success;
    }
}
