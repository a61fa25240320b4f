using System.CommandLine;
using Sio.Cli.Output;
using Sio.Experiments.Inspection;

namespace Sio.Cli.Commands;

/// <summary><c>sio data inspect</c>: a first look at a synthetic set.</summary>
internal static class DataInspectCommand
{
    internal static Command Create()
    {
        var set = new Argument<string>("synthetic") { Description = "The synthetic images: an .npz, a folder with images.npy and labels.npy (or two .npy files of any names), a folder with a folder of image files (JPEG, PNG, WebP, GIF, BMP) per class, or shipped:NAME.", HelpName = "SYNTHETIC" };
        var against = new Option<string>("--against")
        {
            Description = "The real images: a benchmark such as cifar10, a recipe (.yml), or an .npz or a folder like SYNTHETIC.", HelpName = "REAL", Required = true,
        };
        var heldOut = new Option<string?>("--held-out") { Description = "Real images that the generator has not seen, where REAL is a file or a folder; a fifth of it when left out.", HelpName = "PATH" };
        var folder = new Option<string?>("--folder") { Description = "Folder of the real images (key data.folder); the data store when left out.", HelpName = "DIR" };
        var output = new Option<string?>("--out") { Description = "Folder for data-inspect.json and contact sheets; runs/data-inspect/<name of SYNTHETIC> when left out.", HelpName = "DIR" };
        var quantile = new Option<double>("--near-quantile")
        {
            Description = "Share of held-out real images that lie so near to a training image, in 8×8 thumbnails, that a synthetic image there counts as a near-duplicate.",
            HelpName = "Q",
            DefaultValueFactory = _ => 0.01,
        };
        quantile.Require<double>(share => share is > 0 and < 1, "expected a number between 0 and 1");
        var command = new Command(
            "inspect",
            "A first look at a synthetic set, in seconds: images per class, sizes, exact and near-duplicates of training images, and a contact sheet. How good the images are says 'sio generate inspect'.");
        Help.SetExamples(
            command,
            "sio data inspect shipped:synthetic-fashion-mnist-6 --against fashion_mnist_6_4",
            "sio data inspect my-images.npz --against cifar10 --folder sets/cifar");
        command.Arguments.Add(set);
        foreach (var option in new Option[] { against, heldOut, folder, output, quantile })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(parsed.GetValue(set)![(parsed.GetValue(set)!.IndexOf(':', StringComparison.Ordinal) + 1)..]));
            using var interruption = new Interruption();
            using var progress = new Progress();
            var plan = new InspectionPlan
            {
                Set = parsed.GetValue(set)!,
                Against = parsed.GetValue(against)!,
                HeldOut = parsed.GetValue(heldOut),
                Overrides = parsed.GetValue(folder) is { } place ? [$"data.folder='{place.Replace("'", "''", StringComparison.Ordinal)}'"] : [],
                Output = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine("runs", "data-inspect", name.Length == 0 ? "set" : name)),
                CopyQuantile = parsed.GetValue(quantile),
            };
            DataInspectionTable.Print(DataInspector.Inspect(plan, progress, interruption.Token), plan.Output);
            return ExitCodes.Success;
        });
        return command;
    }
}
