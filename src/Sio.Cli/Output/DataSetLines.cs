using Sio.Data.Store;

namespace Sio.Cli.Output;

/// <summary>Prints data sets: in a list, with all that is known of them, and after a check.</summary>
internal static class DataSetLines
{
    private const int Named = 5;

    internal static void Print(DataStore store, IReadOnlyList<DataSetInfo> sets)
    {
        if (sets.Count == 0)
            return;
        var width = sets.Max(set => set.Name.Length);
        foreach (var set in sets)
            HangingText.Print($"{set.Name.PadRight(width)}  {State(store, set),-9} {(set.DownloadBytes is { } bytes ? Size.Text(bytes) : "?"),8}  ", set.Summary);
    }

    internal static void PrintDetails(DataStore store, DataSetInfo set)
    {
        Console.WriteLine($"{set.Name}: {set.Summary}");
        Line("state", store.StateOf(set.Name) == DataSetState.Missing ? $"not here; it would be in {store.FolderOf(set.Name)}" : $"{State(store, set)}, {store.FolderOf(set.Name)}");
        Line("home", set.Homepage);
        Line("licence", set.Licence);
        foreach (var file in set.Files)
        {
            Line("file", $"{file.Name}, {(file.Bytes is { } bytes ? Size.Text(bytes) : "size not published")}");
            foreach (var address in file.Addresses)
                Line("from", address);
            Line("sum", file.Sha256 is { } sha ? $"SHA-256 {sha}" : file.Md5 is { } md5 ? $"MD5 {md5}" : "none published: that of the first download is kept and compared with");
        }

        if (set.SumsFrom is { } from)
            Line("sums of", from);
        if (store.StateOf(set.Name) == DataSetState.Present)
        {
            var record = store.RecordOf(set.Name);
            Line("here", FormattableString.Invariant($"{record.Entries} files, {Size.Text(record.Bytes)}, since {record.Placed:yyyy-MM-dd HH:mm} UTC{(record.Folder is { } folder ? $", linked to {folder}" : "")}"));
        }

        Console.WriteLine();
    }

    internal static void Print(DataStore store, DataSetCheck check)
    {
        if (check.IsGood)
        {
            Console.WriteLine(FormattableString.Invariant($"{check.Set}: good, {check.Files} files {(check.Summed ? "with the sums" : "of the sizes")} they came with, in {store.FolderOf(check.Set)}"));
            return;
        }

        Console.WriteLine(check.State switch
        {
            DataSetState.Missing => $"{check.Set}: not here; 'sio data fetch {check.Set}' downloads it, 'sio data import {check.Set} PATH' takes files that you have",
            DataSetState.Partial => $"{check.Set}: {Size.Text(store.DownloadedBytes(check.Set))} are downloaded; 'sio data fetch {check.Set}' goes on",
            DataSetState.Foreign => $"{check.Set}: {store.FolderOf(check.Set)} is there, but not by this store; move it away and take it with 'sio data import {check.Set} PATH'",
            _ => FormattableString.Invariant(
                $"{check.Set}: damaged, {check.Missing.Count} files are missing ({First(check.Missing)}), {check.Changed.Count} have changed ({First(check.Changed)}); delete {store.FolderOf(check.Set)} and fetch or import it again"),
        });
    }

    internal static string Placed(DataStore store, DataSetInfo set)
    {
        var record = store.RecordOf(set.Name);
        return FormattableString.Invariant($"{set.Name}: {record.Entries} files, {Size.Text(record.Bytes)}, in {store.FolderOf(set.Name)}");
    }

    private static string First(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names.Take(Named)) + (names.Count > Named ? ", …" : "");

    private static string State(DataStore store, DataSetInfo set) => store.StateOf(set.Name) switch
    {
        DataSetState.Present => "here",
        DataSetState.Partial => set.DownloadBytes is { } total ? FormattableString.Invariant($"{100.0 * store.DownloadedBytes(set.Name) / total:F0} %") : "begun",
        DataSetState.Foreign => "foreign",
        _ => "–",
    };

    private static void Line(string what, string text) => HangingText.Print($"  {what,-8} ", text);
}
