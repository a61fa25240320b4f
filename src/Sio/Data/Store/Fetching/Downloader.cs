using System.Net;

namespace Sio.Data.Store;

/// <summary>
/// Downloads one file: resumed by ranges, tried again with growing waits, refused where size, kind or sum are wrong. What has come stays in <c>NAME.part</c> until the file is whole.
/// </summary>
internal sealed class Downloader(FetchOptions options, FetchObserver observer) : IDisposable
{
    private const int BufferBytes = 1 << 17, MaxDoublings = 5;
    private const double LongestBackoffSeconds = 30;
    private const long SpareBytes = 64 << 20, LookAtDiskEvery = 16 << 20;

    private readonly Request _request = new(options);

    public void Dispose() => _request.Dispose();

    /// <summary>Downloads.</summary>
    /// <param name="addresses">Tried one after the other.</param>
    /// <param name="target">The file to make; its folder must exist.</param>
    /// <param name="bytes">Its size, where that is known.</param>
    /// <param name="limit">The most bytes that it may have where its size is not known.</param>
    /// <param name="sum">Its sum, where one is known.</param>
    /// <param name="sumFrom">Whose sum that is, for messages.</param>
    /// <param name="cancellation">Stops; what has come stays.</param>
    /// <returns>The address that gave it.</returns>
    /// <exception cref="DataException">No address gave it, or the disk is full or cannot be written.</exception>
    internal async Task<string> DownloadAsync(IReadOnlyList<string> addresses, string target, long? bytes, long limit, Checksum? sum, string sumFrom, CancellationToken cancellation)
    {
        var reasons = new List<string>();
        foreach (var address in addresses)
        {
            try
            {
                await InsistAsync(address, new PartialFile(target), bytes, limit, sum, sumFrom, cancellation).ConfigureAwait(false);
                return address;
            }
            catch (TransferException error)
            {
                reasons.Add(error.Message);
            }
        }

        throw new DataException($"{Path.GetFileName(target)} could not be fetched: {string.Join("; ", reasons)}");
    }

    private async Task InsistAsync(string address, PartialFile part, long? bytes, long limit, Checksum? sum, string sumFrom, CancellationToken cancellation)
    {
        var fruitless = 0;
        var restarted = false;
        while (true)
        {
            var before = part.Length;
            try
            {
                var resumed = await AttemptAsync(address, part, bytes, limit, sum is not null, cancellation).ConfigureAwait(false);
                if (Wrong(part, sum, sumFrom, cancellation) is { } wrong)
                {
                    part.Discard();
                    // A file that was glued together of two downloads gets one more chance, in one piece.
                    if (!resumed || restarted)
                        throw new TransferException(wrong, temporary: false);
                    restarted = true;
                    observer.Retrying(wrong, TimeSpan.Zero);
                    continue;
                }

                part.Complete();
                return;
            }
            catch (TransferException error) when (error.Temporary)
            {
                fruitless = part.Length > before ? 1 : fruitless + 1;
                if (fruitless >= options.Attempts)
                    throw new TransferException(ImageSet.Text($"{error.Message} ({fruitless} attempts)"), temporary: false, cause: error);
                var delay = error.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : Backoff(fruitless);
                observer.Retrying(error.Message, delay);
                await options.Wait(delay, cancellation).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan Backoff(int failures) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackoffSeconds, options.FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, MaxDoublings))));

    private string? Wrong(PartialFile part, Checksum? sum, string sumFrom, CancellationToken cancellation)
    {
        if (sum is null)
            return null;
        var (name, total) = (Path.GetFileName(part.Target), part.Length);
        var found = Checksum.Of(part.Path, sum.Kind, read => observer.Checking(name, read, total), cancellation);
        return found == sum ? null : $"{name} has the {found}, {sum} was expected ({sumFrom})";
    }

    // Whether the file was put together of more than one download.
    private async Task<bool> AttemptAsync(string address, PartialFile part, long? bytes, long limit, bool checkable, CancellationToken cancellation)
    {
        var from = part.CanContinue(address, checkable) ? part.Length : 0;
        if (from > 0 && (part.Note!.Total ?? bytes) == from)
            return true;
        using var stall = new StallTimer(options.StallTimeout, cancellation);
        try
        {
            using var response = await _request.AskAsync(address, from, part.Note?.Validator, stall).ConfigureAwait(false);
            var total = Continue(response, address, part, ref from, bytes);
            if (total == from && from > 0)
                return true;
            if ((total ?? bytes) > limit)
            {
                part.Discard();
                throw new TransferException($"{address}: has {Size.Text((total ?? bytes)!.Value)}, more than {Size.Text(limit)}, the set's 'max_bytes'", temporary: false);
            }

            MakeRoom(part, ((total ?? bytes) - from) ?? LookAtDiskEvery);
            observer.Begin(Path.GetFileName(part.Target), address, from);
            await CopyAsync(response, address, part, from, total ?? bytes, limit, stall).ConfigureAwait(false);
            return from > 0;
        }
        catch (OperationCanceledException)
        {
            throw stall.Stalled();
        }
    }

    /// <summary>Reads from an answer whether the file goes on where it stopped or begins anew, and makes the partial file ready for it.</summary>
    private static long? Continue(HttpResponseMessage response, string address, PartialFile part, ref long from, long? expected)
    {
        var range = response.Content.Headers.ContentRange;
        var validator = Validator(response);
        var total = response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : range?.Length;
        if (expected is { } wanted && total is { } offered && offered != wanted)
        {
            part.Discard();
            throw new TransferException(ImageSet.Text($"{address}: offers {offered} bytes, {wanted} were expected"), temporary: false);
        }

        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            if (from > 0 && total == from)
                return total;
            part.Discard();
            throw new TransferException($"{address}: has fewer bytes than were fetched before: it has changed", temporary: true);
        }

        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            var changed = from == 0 || range?.From != from || (part.Note!.Total is { } known && total is not null && known != total)
                || (part.Note.Validator is { } mark && validator is not null && mark != validator);
            if (!changed)
                return total;
            part.Discard();
            throw new TransferException($"{address}: has changed since the download began, or answers another range than was asked for", temporary: true);
        }

        // All of it: it changed, or the server knows no ranges.
        from = 0;
        part.Restart(new PartialNote(address, validator, total));
        return total;
    }

    private static string? Validator(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag
        : response.Content.Headers.TryGetValues("Last-Modified", out var changed) ? changed.First()
        : null;

    private void MakeRoom(PartialFile part, long? bytes)
    {
        var free = options.FreeBytes(Path.GetDirectoryName(Path.GetFullPath(part.Path))!);
        if (bytes is { } wanted && free - SpareBytes < wanted)
            throw new DataException($"{part.Target}: {Size.Text(wanted)} are still to come, and {Size.Text(free)} are free on its disk; --data DIR or SIO_DATA names another folder");
    }

    private async Task CopyAsync(HttpResponseMessage response, string address, PartialFile part, long from, long? known, long limit, StallTimer stall)
    {
        var buffer = new byte[BufferBytes];
        var length = from;
        var nextLook = length + LookAtDiskEvery;
        using var body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        using var file = Written(part, () => options.Append(part.Path));
        while (true)
        {
            stall.Alive();
            int count;
            try
            {
                // The first piece is long enough to see what kind of file it is.
                count = length == 0
                    ? await body.ReadAtLeastAsync(buffer, 64, throwOnEndOfStream: false, stall.Token).ConfigureAwait(false)
                    : await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                Written(part, () => Flush(file));
                throw new TransferException(ImageSet.Text($"the connection broke after {length} bytes"), temporary: true, cause: error);
            }

            if (count == 0)
                break;
            if (length == 0 && WebPage.IsPage(buffer.AsSpan(0, count)))
            {
                part.Discard();
                throw Request.Page(address, System.Text.Encoding.UTF8.GetString(buffer, 0, count), address.StartsWith(RemoteFile.DriveScheme, StringComparison.Ordinal));
            }

            if (length + count > (known ?? limit))
            {
                part.Discard();
                throw new TransferException(
                    known is not null ? ImageSet.Text($"{address}: sends more than the {known} bytes that were expected")
                        : $"{address}: does not say how long the file is, and sends more than {Size.Text(limit)}, the set's 'max_bytes'",
                    temporary: false);
            }

            // Without a size, nothing has made sure of the room.
            if (known is null && length >= nextLook)
            {
                nextLook = length + LookAtDiskEvery;
                MakeRoom(part, LookAtDiskEvery);
            }

            Written(part, () =>
            {
                file.Write(buffer, 0, count);
                return true;
            });
            length += count;
            observer.Received(length, known);
        }

        Written(part, () => Flush(file));
        if (known is { } wanted && length < wanted)
            throw new TransferException(ImageSet.Text($"the connection ended after {length} of {wanted} bytes"), temporary: true);
    }

    private static bool Flush(Stream file)
    {
        file.Flush();
        return true;
    }

    private static T Written<T>(PartialFile part, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{part.Path}: cannot be written ({DataFile.OneLine(error.Message)}); what has come stays, and the next fetch goes on from there", error);
        }
    }
}
