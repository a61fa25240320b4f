using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Data.Store;

namespace Sio.Cli.Commands;

/// <summary><c>sio data fetch</c>: downloads data sets.</summary>
internal static class DataFetchCommand
{
    internal static Command Create()
    {
        var names = new Argument<string[]>("names") { Description = "The sets, as 'sio data list' names them.", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
        var data = DataCommand.StoreOption();
        var mirror = new Option<string?>("--mirror") { Description = "Ask BASE/NAME/FILE in place of the official addresses, e.g. a web server in your own network.", HelpName = "BASE" };
        var attempts = new Option<int>("--attempts") { Description = "Give an address up after so many attempts without a byte of progress.", HelpName = "N", DefaultValueFactory = _ => new FetchOptions().Attempts };
        var stall = new Option<int>("--stall-seconds") { Description = "Take a connection for broken when nothing came for so long.", HelpName = "N", DefaultValueFactory = _ => (int)new FetchOptions().StallTimeout.TotalSeconds };
        var keep = new Option<bool>("--keep-archives") { Description = "Keep what was downloaded after it is unpacked, in .downloads." };
        attempts.Require<int>(count => count >= 1, "expected a number from 1");
        stall.Require<int>(seconds => seconds is >= 1 and <= 86400, "expected a number from 1 to 86400");
        var command = new Command(
            "fetch",
            "Download data sets from their official addresses, compare their checksums and unpack them. What was interrupted goes on where it stopped when it is called again. A proxy is taken from HTTPS_PROXY.");
        Help.SetExamples(command, "sio data fetch cifar10 svhn dtd", "sio data fetch cifar100 --data /scratch/data", "sio data fetch cifar10 --mirror http://files.example.org/sets");
        command.Arguments.Add(names);
        foreach (var option in new Option[] { data, mirror, attempts, stall, keep })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var store = DataCommand.Store(parsed.GetValue(data));
            var sets = parsed.GetValue(names)!.Distinct().Select(name => store.Catalog[name]).ToList();
            var options = new FetchOptions
            {
                Mirror = Base(parsed.GetValue(mirror)),
                Attempts = parsed.GetValue(attempts),
                StallTimeout = TimeSpan.FromSeconds(parsed.GetValue(stall)),
                KeepArchives = parsed.GetValue(keep),
            };
            return Fetch(store, sets, options);
        });
        return command;
    }

    private static Uri? Base(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new UsageException($"--mirror {text}: expected an address such as http://files.example.org/sets");

    // One set that fails does not keep the others from coming.
    private static int Fetch(DataStore store, List<DataSetInfo> sets, FetchOptions options)
    {
        using var interruption = new Interruption();
        using var progress = new FetchProgress();
        var failures = new List<string>();
        foreach (var set in sets)
        {
            progress.Clear();
            try
            {
                if (store.StateOf(set.Name) != DataSetState.Present)
                    Console.WriteLine($"{set.Name}: {set.Summary}; licence: {set.Licence}");
                var fetched = new Fetcher(store, options, progress).FetchAsync(set.Name, interruption.Token).GetAwaiter().GetResult();
                progress.Clear();
                Console.WriteLine(fetched ? DataSetLines.Placed(store, set) : $"{set.Name}: is there already, in {store.FolderOf(set.Name)}");
            }
            catch (DataException error)
            {
                failures.Add($"{set.Name}: {error.Message}");
            }
        }

        progress.Clear();
        if (failures.Count == 0)
            return ExitCodes.Success;
        foreach (var failure in failures)
            Console.Error.WriteLine($"error: {failure}");
        return ExitCodes.Failure;
    }
}
