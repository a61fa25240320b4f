using System.CommandLine;
using Sio.Cli.Output;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate</c>: synthetic images, from their making to their judging.</summary>
internal static class GenerateCommand
{
    internal static Command Create()
    {
        var command = new Command("generate", "Synthetic in-distribution images: train a generator, sample it, join the pieces of a set, and say how good a set is before anything is trained on it.");
        Help.SetExamples(
            command,
            "sio generate train recipes/generators/gan-fashion-mnist.yml --out runs/gan",
            "sio generate sample runs/gan --per-class 1500 --seed 0 --out synthetic.npz",
            "sio generate inspect synthetic.npz --against fashion_mnist_6_4");
        command.Subcommands.Add(GenerateTrainCommand.Create());
        command.Subcommands.Add(GenerateSampleCommand.Create());
        command.Subcommands.Add(GenerateJoinCommand.Create());
        command.Subcommands.Add(GenerateInspectCommand.Create());
        return command;
    }
}
