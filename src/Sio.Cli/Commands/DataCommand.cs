using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data.Store;

namespace Sio.Cli.Commands;

/// <summary><c>sio data</c>: the data sets on this machine.</summary>
internal static class DataCommand
{
    internal static Command Create()
    {
        var command = new Command("data", "The data sets on this machine: list them and the benchmarks made of them, download them, take files that you have, check them, and look at synthetic ones.");
        Help.SetExamples(
            command,
            "sio data list",
            "sio data benchmarks cifar10",
            "sio data fetch cifar10 svhn",
            "sio data import cifar10 Downloads/cifar-10-binary.tar.gz",
            "sio data check",
            "sio data inspect my-images.npz --against cifar10");
        command.Subcommands.Add(DataListCommand.Create());
        command.Subcommands.Add(DataBenchmarksCommand.Create());
        command.Subcommands.Add(DataFetchCommand.Create());
        command.Subcommands.Add(DataImportCommand.Create());
        command.Subcommands.Add(DataCheckCommand.Create());
        command.Subcommands.Add(DataInspectCommand.Create());
        return command;
    }

    /// <summary>The option that names the store's folder.</summary>
    internal static Option<string?> StoreOption() => new("--data")
    {
        Description = "The folder that data sets are kept in; SIO_DATA, or sio in XDG_CACHE_HOME or ~/.cache when left out.", HelpName = "DIR",
    };

    /// <summary>The store that a command line means.</summary>
    internal static DataStore Store(string? folder) => folder is null ? DataStore.Default : new DataStore(folder);
}
