using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data.Store;

namespace Sio.Cli.Commands;

/// <summary><c>sio data check</c>: whether data sets are there, whole and unchanged.</summary>
internal static class DataCheckCommand
{
    internal static Command Create()
    {
        var names = new Argument<string[]>("names") { Description = "The sets; all that are here when left out.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
        var data = DataCommand.StoreOption();
        var quick = new Option<bool>("--quick") { Description = "Compare sizes only, and read no file." };
        var command = new Command("check", "Say whether data sets are there, whole, and the same to the byte as when they came. Exit code 1 where one is not.");
        Help.SetExamples(command, "sio data check", "sio data check cifar10 svhn --quick");
        command.Arguments.Add(names);
        command.Options.Add(data);
        command.Options.Add(quick);
        command.SetAction(parsed =>
        {
            var store = DataCommand.Store(parsed.GetValue(data));
            var chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. store.Catalog.All.Select(set => set.Name).Where(name => store.StateOf(name) is not DataSetState.Missing)];
            if (chosen.Length == 0)
                Console.WriteLine($"no data set is in {store.Root} yet: 'sio data fetch NAME' downloads one");
            using var interruption = new Interruption();
            using var progress = new FetchProgress();
            var good = true;
            foreach (var name in chosen)
            {
                var check = new Checker(store, progress).Check(name, !parsed.GetValue(quick), interruption.Token);
                progress.Clear();
                DataSetLines.Print(store, check);
                good &= check.IsGood;
            }

            return good ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}
