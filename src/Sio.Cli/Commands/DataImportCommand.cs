using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data.Store;

namespace Sio.Cli.Commands;

/// <summary><c>sio data import</c>: takes files that the user has.</summary>
internal static class DataImportCommand
{
    internal static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The set, as 'sio data list' names it.", HelpName = "NAME" };
        var path = new Argument<string>("path") { Description = "Its file, a folder with its files under their official names, or a folder with what they unpack to.", HelpName = "PATH" };
        var data = DataCommand.StoreOption();
        var link = new Option<bool>("--link") { Description = "Link to PATH in place of copying, for an unpacked folder or for files that are used as they are." };
        var any = new Option<bool>("--any-version") { Description = "Take files whose checksum is not the published one." };
        var command = new Command("import", "Take a data set that you have into the store: its files' checksums are compared, archives are unpacked.");
        Help.SetExamples(
            command,
            "sio data import cifar10 Downloads/cifar-10-binary.tar.gz",
            "sio data import svhn /mnt/sets/svhn --link",
            "sio data import openood-cifar10 OpenOOD/data/images_classic/cifar10 --link");
        command.Arguments.Add(name);
        command.Arguments.Add(path);
        foreach (var option in new Option[] { data, link, any })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var store = DataCommand.Store(parsed.GetValue(data));
            var set = store.Catalog[parsed.GetValue(name)!];
            using var interruption = new Interruption();
            using var progress = new FetchProgress();
            new Importer(store, progress).Import(
                set.Name, parsed.GetValue(path)!, new ImportOptions { Link = parsed.GetValue(link), AnyVersion = parsed.GetValue(any) }, interruption.Token);
            progress.Clear();
            Console.WriteLine(DataSetLines.Placed(store, set));
            return ExitCodes.Success;
        });
        return command;
    }
}
