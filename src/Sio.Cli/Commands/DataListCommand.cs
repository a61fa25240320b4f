using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data.Store;

namespace Sio.Cli.Commands;

/// <summary><c>sio data list</c>: what sets there are, and which of them are here.</summary>
internal static class DataListCommand
{
    internal static Command Create()
    {
        var names = new Argument<string[]>("names") { Description = "Sets to tell all about: licence, addresses, sizes, checksums. All in one line each when left out.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
        var here = new Option<bool>("--here") { Description = "Only those that are on this machine." };
        var data = DataCommand.StoreOption();
        var command = new Command("list", "List the data sets that can be fetched or imported, and say which are here.");
        Help.SetExamples(command, "sio data list", "sio data list --here", "sio data list svhn");
        command.Arguments.Add(names);
        command.Options.Add(here);
        command.Options.Add(data);
        command.SetAction(parsed =>
        {
            var store = DataCommand.Store(parsed.GetValue(data));
            var chosen = parsed.GetValue(names) ?? [];
            if (chosen.Length > 0)
            {
                foreach (var name in chosen)
                    DataSetLines.PrintDetails(store, store.Catalog[name]);
                return ExitCodes.Success;
            }

            Console.WriteLine($"Data sets in {store.Root}:");
            var shown = store.Catalog.All.Where(set => !parsed.GetValue(here) || store.StateOf(set.Name) != DataSetState.Missing).ToList();
            DataSetLines.Print(store, shown);
            foreach (var fault in store.Catalog.Faults)
                Console.Error.WriteLine($"warning: {fault}; the set is left out");
            if (shown.Count == 0)
                Console.WriteLine("none yet: 'sio data fetch NAME' downloads one");
            return ExitCodes.Success;
        });
        return command;
    }
}
