using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Recipes;

namespace Sio.Cli.Commands;

/// <summary><c>sio import</c>: a run of weights that were trained elsewhere.</summary>
internal static class ImportCommand
{
    internal static Command Create()
    {
        var weights = new Argument<string>("weights") { Description = "The weights: OpenOOD's .ckpt or .pth, or a .safetensors file.", HelpName = "WEIGHTS" };
        var file = new Argument<string>("recipe") { Description = "A recipe that names the network and the benchmark.", HelpName = "RECIPE.yml" };
        var output = new Option<string>("--out") { Description = "Folder of the run to make.", HelpName = "RUN", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a run that is there." };
        var recipe = new RecipeOptions();
        var command = new Command(
            "import",
            "Make a run of weights that were trained elsewhere, to evaluate it here. Tensors and dictionaries are read, nothing in a file is executed.");
        Help.SetExamples(
            command,
            "sio import s0/best.ckpt recipes/quickstart-baseline.yml --set network.name=lenet --out runs/openood",
            "sio import model.safetensors my-recipe.yml --out runs/mine");
        command.Arguments.Add(weights);
        command.Arguments.Add(file);
        command.Options.Add(output);
        command.Options.Add(overwrite);
        recipe.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = new RunFolder(parsed.GetValue(output)!);
            if (folder.HasRun && !parsed.GetValue(overwrite))
                throw new DataException($"{folder.Path} has a run already: --overwrite replaces it, or choose another --out");
            var run = Run.Prepare(RecipeReader.Read<Recipe>(parsed.GetValue(file)!, recipe.Overrides(parsed)));
            WeightsImport.Import(run, parsed.GetValue(weights)!, folder);
            var place = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
            Console.WriteLine($"Run: {place}; evaluate it with: sio evaluate {place}");
            return ExitCodes.Success;
        });
        return command;
    }
}
