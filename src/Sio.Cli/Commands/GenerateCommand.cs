using System.CommandLine;
using Sio.Cli.Output;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate</c>: all that has to do with generators of synthetic images.</summary>
internal static class GenerateCommand
{
    internal static Command Create()
    {
        var command = new Command("generate", "Make synthetic in-distribution images: train a generator, sample it, join the pieces of a set.");
        Help.SetExamples(
            command,
            "sio generate train recipes/generators/gan-fashion-mnist.yml --out runs/gan",
            "sio generate sample runs/gan --per-class 1500 --seed 0 --out synthetic.npz",
            "sio generate train --help");
        command.Subcommands.Add(GenerateTrainCommand.Create());
        command.Subcommands.Add(GenerateSampleCommand.Create());
        command.Subcommands.Add(GenerateJoinCommand.Create());
        return command;
    }
}
