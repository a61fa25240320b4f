using System.CommandLine;
using Sio.Cli.Output;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate</c>: synthetic images, from their making to their judging.</summary>
internal static class GenerateCommand
{
    internal static Command Create()
    {
        var command = new Command("generate", "Synthetic in-distribution images: say how good a set is before anything is trained on it.");
        Help.SetExamples(command, "sio generate inspect shipped:synthetic-fashion-mnist-6 --against fashion_mnist_6_4");
        command.Subcommands.Add(GenerateInspectCommand.Create());
        return command;
    }
}
