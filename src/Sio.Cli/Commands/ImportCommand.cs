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
        var weights = new Argument<string>("weights") { Description = "The weights: OpenOOD's .ckpt or .pth, another file of torch.save, or one of safetensors; the content decides, not the ending.", HelpName = "WEIGHTS" };
        var file = new Argument<string>("recipe") { Description = "A recipe that names the network and the benchmark.", HelpName = "RECIPE.yml" };
        var output = new Option<string>("--out") { Description = "Folder of the run to make.", HelpName = "RUN", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a run that is there." };
        var weightsKey = new Option<string?>("--weights")
        {
            Description = "Which weights, where a file has several that fit (of a network, its average, a teacher): what stands before their names, such as state_dict or ema.", HelpName = "KEY",
        };
        var recipe = new RecipeOptions();
        var command = new Command(
            "import",
            "Make a run of weights that were trained elsewhere, to evaluate it here. Tensors and dictionaries are read, other values are passed over, and nothing in a file is executed.");
        Help.SetExamples(
            command,
            "sio import s0/best.ckpt recipes/quickstart-baseline.yml --set network.name=lenet --out runs/openood",
            "sio import full.pth my-recipe.yml --weights model_ema --out runs/mine",
            "sio import model.safetensors my-recipe.yml --out runs/mine");
        command.Arguments.Add(weights);
        command.Arguments.Add(file);
        command.Options.Add(output);
        command.Options.Add(weightsKey);
        command.Options.Add(overwrite);
        recipe.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = new RunFolder(parsed.GetValue(output)!);
            if (folder.HasRun && !parsed.GetValue(overwrite))
                throw new DataException($"{folder.Path} has a run already: --overwrite replaces it, or choose another --out");
            var run = Run.Prepare(RecipeReader.Read<Recipe>(parsed.GetValue(file)!, recipe.Overrides(parsed)));
            var taken = WeightsImport.Import(run, parsed.GetValue(weights)!, folder, parsed.GetValue(weightsKey));
            foreach (var remark in taken.Remarks)
                Console.Error.WriteLine($"note: {remark}");
            Console.WriteLine($"Weights: {(taken.Key.Length == 0 ? "the file's own" : $"'{taken.Key}'")}, {taken.Tensors} tensors");
            var place = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
            Console.WriteLine($"Run: {place}; evaluate it with: sio evaluate {place}");
            return ExitCodes.Success;
        });
        return command;
    }
}
