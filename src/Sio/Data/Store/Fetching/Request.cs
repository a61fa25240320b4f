using System.Net;
using System.Net.Http.Headers;

namespace Sio.Data.Store;

/// <summary>Asks for a file, from a byte on, and follows redirections; whatever is no answer with the file's bytes becomes a <see cref="TransferException"/>.</summary>
internal sealed class Request : IDisposable
{
    private const int MaxRedirections = 10, MaxDrivePages = 2;

    private readonly HttpClient _client;
    private readonly FetchOptions _options;

    internal Request(FetchOptions options)
    {
        _options = options;
#pragma warning disable CA2000 // the client owns its handler
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Followed here: circles are told, and nothing that began encrypted goes on in the open.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.StallTimeout,
            CookieContainer = new CookieContainer(),
        })
#pragma warning restore CA2000
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sio-data", "1"));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Asks.</summary>
    /// <param name="address">The address, or <c>gdrive:ID</c>.</param>
    /// <param name="from">The first byte wanted; 0 for all.</param>
    /// <param name="validator">What the bytes before it belong to.</param>
    /// <param name="stall">Is pushed on with every sign of life.</param>
    /// <returns>The answer, with status 200, 206 or 416; the caller's to dispose.</returns>
    /// <exception cref="TransferException">There is none of these.</exception>
    internal async Task<HttpResponseMessage> AskAsync(string address, long from, string? validator, StallTimer stall)
    {
        var drive = address.StartsWith(RemoteFile.DriveScheme, StringComparison.Ordinal);
        var uri = drive ? new Uri(_options.Drive, $"download?id={Uri.EscapeDataString(address[RemoteFile.DriveScheme.Length..])}&export=download") : new Uri(address);
        var seen = new HashSet<Uri>();
        var pages = 0;
        while (true)
        {
            if (!seen.Add(uri))
                throw new TransferException($"{address}: redirects in a circle, by {uri}", temporary: false);
            if (seen.Count > MaxRedirections + MaxDrivePages)
                throw new TransferException($"{address}: redirects more than {MaxRedirections} times", temporary: false);
            var response = await SendAsync(uri, from, validator, stall).ConfigureAwait(false);
            var keep = false;
            try
            {
                if (Redirection(response, uri) is { } next)
                {
                    if (uri.Scheme == "https" && next.Scheme != "https")
                        throw new TransferException($"{address}: redirects from https to {next}, which is not encrypted: refused", temporary: false);
                    uri = next;
                    continue;
                }

                Refuse(response, uri);
                if (response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml" && response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    var page = await ReadPageAsync(response, stall).ConfigureAwait(false);
                    uri = drive && pages++ < MaxDrivePages && WebPage.DriveConfirmation(page, uri) is { } confirmed ? confirmed : throw Page(address, page, drive);
                    continue;
                }

                keep = true;
                return response;
            }
            finally
            {
                if (!keep)
                    response.Dispose();
            }
        }
    }

    /// <summary>A page came where a file was asked for.</summary>
    internal static TransferException Page(string address, string page, bool drive)
    {
        var says = WebPage.Says(page);
        var quoted = says.Length > 0 ? $" (\"{says}\")" : string.Empty;
        return new TransferException(
            drive
                ? $"Google Drive gives a web page in place of the file{quoted}; when too many have fetched it, a day's wait helps, or a browser: https://drive.google.com/file/d/{address[RemoteFile.DriveScheme.Length..]}/view and then 'sio data import'"
                : $"{address}: gives a web page in place of the file{quoted}; the address may have moved, or a proxy asks for a log-in",
            temporary: false);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri uri, long from, string? validator, StallTimer stall)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            if (validator is not null)
                request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        stall.Alive();
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new TransferException($"{uri.Host}: no connection ({DataFile.OneLine(error.InnerException?.Message ?? error.Message)})", temporary: true, cause: error);
        }
    }

    private static Uri? Redirection(HttpResponseMessage response, Uri uri)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
            return null;
        var to = response.Headers.Location is { } location ? new Uri(uri, location) : throw new TransferException($"{uri}: redirects without saying where to", temporary: false);
        return to.Scheme is "http" or "https" ? to : throw new TransferException($"{uri}: redirects to {to}, which is no web address: refused", temporary: false);
    }

    private void Refuse(HttpResponseMessage response, Uri uri)
    {
        var code = (int)response.StatusCode;
        if (code is 200 or 206 or 416)
            return;
        var what = $"{uri}: the server answers {code} {response.ReasonPhrase}".TrimEnd();
        if (code is not (408 or 425 or 429 or >= 500))
        {
            throw new TransferException(
                code is 404 or 410 ? $"{what}: it is not there (any more)" : code is 401 or 403 or 407 ? $"{what}: it may not be fetched" : $"{what}, 200 or 206 was expected", temporary: false);
        }

        var wait = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - DateTimeOffset.UtcNow) : null;
        if (wait > _options.LongestDelay)
            throw new TransferException(ImageSet.Text($"{what} and asks to wait {wait.Value.TotalMinutes:F0} minutes: try again then"), temporary: false);
        throw new TransferException(what, temporary: true, wait);
    }

    private static async Task<string> ReadPageAsync(HttpResponseMessage response, StallTimer stall)
    {
        var bytes = new byte[WebPage.MaxBytes];
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stall.Token).ConfigureAwait(false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (IOException)
        {
            // Half a page says enough.
            return string.Empty;
        }
    }
}
