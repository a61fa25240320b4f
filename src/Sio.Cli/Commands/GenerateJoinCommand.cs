using System.CommandLine;
using Sio.Cli.Output;
using Sio.Generation;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate join</c>: pieces of a set become the set.</summary>
internal static class GenerateJoinCommand
{
    internal static Command Create()
    {
        var pieces = new Argument<string[]>("pieces") { Description = "All pieces of one set, in any order: folders or .npz files.", HelpName = "PIECE", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Where to: a folder, or a name that ends in .npz.", HelpName = "SET", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a set of that name." };
        var command = new Command("join", "Join the pieces that 'sio generate sample --from --count' made: the result has the bytes of a set made in one piece.");
        Help.SetExamples(command, "sio generate join piece1 piece2 --out synthetic.npz");
        command.Arguments.Add(pieces);
        command.Options.Add(output);
        command.Options.Add(overwrite);
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(output)!;
            GenerateSampleCommand.RefuseExisting(target, parsed.GetValue(overwrite));
            var joined = SampledSet.Join([.. parsed.GetValue(pieces)!.Select(path => (path, SampledSet.Read(path)))]);
            joined.Write(target);
            Console.WriteLine($"{joined.Provenance.Count} images joined");
            GenerateSampleCommand.Tell(target, joined);
            return ExitCodes.Success;
        });
        return command;
    }
}
