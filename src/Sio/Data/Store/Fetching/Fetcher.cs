namespace Sio.Data.Store;

/// <summary>Downloads data sets into a store.</summary>
/// <param name="store">The store.</param>
/// <param name="options">How; null for the defaults.</param>
/// <param name="observer">Is told how far things are.</param>
public sealed class Fetcher(DataStore store, FetchOptions? options = null, FetchObserver? observer = null)
{
    private readonly FetchOptions _options = options ?? new FetchOptions();
    private readonly FetchObserver _observer = observer ?? new FetchObserver();

    /// <summary>
    /// Downloads a set, unpacks it, and puts it in its place. Stopped or killed at any moment, the set is either there as a whole or not there, and the next call goes on
    /// where this one stopped.
    /// </summary>
    /// <param name="name">The set.</param>
    /// <param name="cancellation">Stops; what has come stays.</param>
    /// <returns>False where it was there already.</returns>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    /// <exception cref="DataException">A file cannot be fetched, has a wrong sum or does not unpack; the disk is full; or another process works on the set.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<bool> FetchAsync(string name, CancellationToken cancellation = default)
    {
        var set = store.Catalog[name];
        if (store.StateOf(name) == DataSetState.Present)
            return false;
        var downloads = store.DownloadsOf(set);
        using (store.Lock(set))
        {
            // Another process may have been faster.
            if (store.StateOf(name) == DataSetState.Present)
                return false;
            Placement.RefuseForeign(store, set);
            using var downloader = new Downloader(_options, _observer);
            var files = new List<PlacedFile>();
            var first = new FirstSums(store.SumsOf(set));
            foreach (var file in set.Files)
                files.Add(await FileAsync(set, file, downloads, downloader, first, cancellation).ConfigureAwait(false));
            new Placement(store, set, _observer, cancellation).FromFiles(files, move: !_options.KeepArchives);
            if (!_options.KeepArchives)
                Directory.Delete(downloads, recursive: true);
        }

        return true;
    }

    private async Task<PlacedFile> FileAsync(DataSetInfo set, RemoteFile file, string folder, Downloader downloader, FirstSums first, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, file.Name);
        var sum = file.Published ?? (first[file.Name] is { } known ? new Checksum(ChecksumKind.Sha256, known) : null);
        var sumFrom = file.Published is not null ? $"published: {set.SumsFrom}" : $"the first download's; if the new file is to be trusted, delete {first.Path}";
        string[] addresses = _options.Mirror is { } mirror ? [$"{mirror.AbsoluteUri.TrimEnd('/')}/{set.Name}/{Uri.EscapeDataString(file.Name)}"] : file.Addresses;
        var from = addresses[0];
        var whole = File.Exists(path) ? Checksum.Of(path, ChecksumKind.Sha256, read => _observer.Checking(file.Name, read, new FileInfo(path).Length), cancellation) : null;
        if (whole is null || (sum is not null && sum != (sum.Kind == ChecksumKind.Sha256 ? whole : Checksum.Of(path, sum.Kind, null, cancellation))))
        {
            File.Delete(path);
            from = await downloader.DownloadAsync(addresses, path, file.Bytes, set.MaxBytes, sum, sumFrom, cancellation).ConfigureAwait(false);
            whole = sum?.Kind == ChecksumKind.Sha256 ? sum : Checksum.Of(path, ChecksumKind.Sha256, null, cancellation);
        }

        if (file.Published is null)
            first.Keep(file.Name, whole.Hex);
        var bytes = new FileInfo(path).Length;
        _observer.Received(file.Name, bytes, file.Published is not null);
        return new PlacedFile(file, path, new StoredFile(file.Name, bytes, whole.Hex, from, file.Published is not null));
    }
}
