using System.Globalization;
using Sio.Data.Store;
using static Sio.Tests.Data.Store.MisbehavingServer;

namespace Sio.Tests.Data.Store;

/// <summary>Fetching from servers that behave and that do not.</summary>
public sealed class FetcherTests : IDisposable
{
    private static readonly byte[] s_content = StoreFixture.Bytes(300_000);

    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_file_is_fetched_checked_and_placed_once()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        Assert.Equal(DataSetState.Missing, _store.Store.StateOf("a"));
        Assert.True(await _store.FetchAsync("a"));
        Assert.Equal(s_content, _store.Placed("a"));
        Assert.Equal(DataSetState.Present, _store.Store.StateOf("a"));
        Assert.False(Directory.Exists(Path.GetDirectoryName(_store.Part("a"))));
        var file = Assert.Single(_store.Store.RecordOf("a").Files);
        Assert.Equal((s_content.Length, StoreFixture.Sha(s_content), true), (file.Bytes, file.Sha256, file.Published));
        Assert.False(await _store.FetchAsync("a"));
        Assert.Single(server.Asks);
    }

    [Fact]
    public async Task A_broken_connection_is_taken_up_where_it_broke()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content, breakAfter: 70_000));
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        Assert.True(await _store.FetchAsync("a"));
        Assert.Equal(s_content, _store.Placed("a"));
        Assert.Equal([0, 70_000, 140_000, 210_000, 280_000], server.Asks.Select(ask => ask.From));
        Assert.All(server.Asks.Skip(1), ask => Assert.Equal("\"v1\"", ask.Headers["If-Range"]));
        // Every attempt got further, so the wait never grew.
        Assert.All(_store.Waits, wait => Assert.Equal(TimeSpan.FromSeconds(1), wait));
    }

    [Fact]
    public async Task A_server_without_ranges_starts_anew()
    {
        using var server = new MisbehavingServer(async (_, number, stream) =>
        {
            await stream.WriteAsync(Head("200 OK", $"Content-Length: {s_content.Length}"));
            await stream.WriteAsync(number == 0 ? s_content.AsMemory(0, 1000) : s_content);
        });
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        await _store.FetchAsync("a");
        Assert.Equal([0, 1000], server.Asks.Select(ask => ask.From));
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task Without_a_mark_or_a_sum_halves_are_never_glued()
    {
        using var server = new MisbehavingServer(async (_, number, stream) =>
        {
            await stream.WriteAsync(Head("200 OK", $"Content-Length: {s_content.Length}"));
            await stream.WriteAsync(number == 0 ? s_content.AsMemory(0, 1000) : s_content);
        });
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.Equal([0, 0], server.Asks.Select(ask => ask.From));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_fetched_anew()
    {
        var newer = StoreFixture.Bytes(250_000, seed: 2);
        using var server = new MisbehavingServer((ask, number, stream) => number == 0
            ? Serve(ask, stream, s_content, breakAfter: 100_000)
            : Serve(ask, stream, newer, "\"v2\""));
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.Equal(newer, _store.Placed("a"));
        Assert.Equal(2, server.Asks.Count);
    }

    [Fact]
    public async Task A_server_that_minds_no_If_Range_is_seen_by_the_other_ETag()
    {
        var newer = StoreFixture.Bytes(s_content.Length, seed: 2);
        using var server = new MisbehavingServer(async (ask, number, stream) =>
        {
            if (number == 0)
            {
                await Serve(ask, stream, s_content, breakAfter: 100_000);
                return;
            }

            await Serve(ask with { Headers = ask.Headers.Where(header => header.Key != "If-Range").ToDictionary() }, stream, newer, "\"v2\"");
        });
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.Equal(newer, _store.Placed("a"));
        Assert.Equal([0, 100_000, 0], server.Asks.Select(ask => ask.From));
        Assert.Contains("has changed", _store.Reasons[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_glued_file_with_a_wrong_sum_gets_one_more_chance_in_one_piece()
    {
        // The same mark for two contents: only the sum can tell.
        using var server = new MisbehavingServer((ask, number, stream) => number == 0
            ? Serve(ask, stream, StoreFixture.Bytes(s_content.Length, seed: 2), breakAfter: 100_000)
            : Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        await _store.FetchAsync("a");
        Assert.Equal(s_content, _store.Placed("a"));
        Assert.Equal([0, 100_000, 0], server.Asks.Select(ask => ask.From));
    }

    [Fact]
    public async Task A_wrong_sum_is_refused_and_nothing_stays()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        var expected = StoreFixture.Sha([1]);
        _store.Describe("a", server.Address + "data.bin", $"sha256: {expected}", top: "sums_from: their page");
        var message = await _store.RefusedAsync("a");
        Assert.Contains($"SHA-256 {StoreFixture.Sha(s_content)}, SHA-256 {expected} was expected (published: their page)", message, StringComparison.Ordinal);
        Assert.False(File.Exists(_store.Part("a")));
        Assert.NotEqual(DataSetState.Present, _store.Store.StateOf("a"));
        Assert.Single(server.Asks);

        _store.Describe("a", server.Address + "data.bin", "md5: 00000000000000000000000000000000");
        Assert.Contains("MD5 00000000000000000000000000000000 was expected", await _store.RefusedAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_size_is_refused_before_anything_is_fetched()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", "bytes: 5");
        Assert.Contains("offers 300000 bytes, 5 were expected", await _store.RefusedAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_bytes_than_published_are_refused_where_the_server_gives_no_length()
    {
        using var server = new MisbehavingServer(async (_, _, stream) =>
        {
            await stream.WriteAsync(Head("200 OK"));
            await stream.WriteAsync(s_content);
        });
        _store.Describe("a", server.Address + "data.bin", "bytes: 299999");
        Assert.Contains("more than the 299999 bytes", await _store.RefusedAsync("a"), StringComparison.Ordinal);
        Assert.False(File.Exists(_store.Part("a")));
        _store.Describe("b", server.Address + "data.bin", "bytes: 300001");
        Assert.Contains("ended after 300000 of 300001 bytes (6 attempts)", await _store.RefusedAsync("b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_of_unknown_size_stops_at_the_set_s_limit()
    {
        using var server = new MisbehavingServer(async (_, _, stream) =>
        {
            await stream.WriteAsync(Head("200 OK"));
            while (true)
                await stream.WriteAsync(s_content);
        });
        _store.Describe("a", server.Address + "data.bin", top: "max_bytes: 1000000");
        Assert.Contains("sends more than 1.00 MB, the set's 'max_bytes'", await _store.RefusedAsync("a"), StringComparison.Ordinal);
        Assert.False(File.Exists(_store.Part("a")));
    }

    [Fact]
    public async Task A_size_above_the_set_s_limit_is_refused_before_anything_is_fetched()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", top: "max_bytes: 1000");
        Assert.Contains("more than 1.00 kB, the set's 'max_bytes'", await _store.RefusedAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_of_unknown_size_leaves_the_disk_some_room()
    {
        var asked = 0;
        using var server = new MisbehavingServer(async (_, _, stream) =>
        {
            await stream.WriteAsync(Head("200 OK"));
            while (true)
                await stream.WriteAsync(s_content);
        });
        _store.Describe("a", server.Address + "data.bin");
        var error = await _store.RefusedAsync("a", new FetchOptions { FreeBytes = _ => asked++ == 0 ? 1L << 40 : 70_000_000 });
        Assert.Contains("70.0 MB are free on its disk", error, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(_store.Part("a")).Length, 16 << 20, 17 << 20);
    }

    [Fact]
    public async Task The_first_download_s_sum_is_kept_and_compared_with()
    {
        var now = s_content;
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, now));
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.False(Assert.Single(_store.Store.RecordOf("a").Files).Published);
        var sums = Path.Combine(_store.Store.Root, ".sums", "a");
        Assert.Equal($"{StoreFixture.Sha(s_content)}  data.bin\n", File.ReadAllText(sums));
        Directory.Delete(_store.Store.FolderOf("a"), recursive: true);
        await _store.FetchAsync("a");
        Directory.Delete(_store.Store.FolderOf("a"), recursive: true);
        now = StoreFixture.Bytes(1000, seed: 3);
        Assert.Contains($"the first download's; if the new file is to be trusted, delete {sums}", await _store.RefusedAsync("a"), StringComparison.Ordinal);
        File.Delete(sums);
        Assert.True(await _store.FetchAsync("a"));
    }

    [Theory]
    [InlineData("404 Not Found", "it is not there (any more)")]
    [InlineData("403 Forbidden", "it may not be fetched")]
    [InlineData("418 I'm a teapot", "200 or 206 was expected")]
    [InlineData("204 No Content", "200 or 206 was expected")]
    public async Task What_will_not_get_better_is_not_tried_again(string status, string expected)
    {
        using var server = new MisbehavingServer((_, _, stream) => Text(stream, status, "").AsTask());
        _store.Describe("a", server.Address + "data.bin");
        var message = await _store.RefusedAsync("a");
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(status[..3], message, StringComparison.Ordinal);
        Assert.Single(server.Asks);
    }

    [Fact]
    public async Task Server_errors_are_tried_again_with_growing_waits()
    {
        using var server = new MisbehavingServer((ask, number, stream) => number < 4 ? Text(stream, "500 Internal Server Error", "oh").AsTask() : Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.Equal([1, 2, 4, 8], _store.Waits.Select(wait => (int)wait.TotalSeconds));
        Assert.Equal(s_content, _store.Placed("a"));

        using var dead = new MisbehavingServer((_, _, stream) => Text(stream, "503 Service Unavailable", "").AsTask());
        _store.Describe("b", dead.Address + "data.bin");
        Assert.Contains("503 Service Unavailable (3 attempts)", await _store.RefusedAsync("b", new FetchOptions { Attempts = 3 }), StringComparison.Ordinal);
        Assert.Equal(3, dead.Asks.Count);
    }

    [Fact]
    public async Task Retry_After_is_minded()
    {
        using var server = new MisbehavingServer((ask, number, stream) => number switch
        {
            0 => Text(stream, "429 Too Many Requests", "", "Retry-After: 17").AsTask(),
            1 => Text(stream, "503 Service Unavailable", "", $"Retry-After: {DateTime.UtcNow.AddSeconds(100).ToString("R", CultureInfo.InvariantCulture)}").AsTask(),
            _ => Serve(ask, stream, s_content),
        });
        _store.Describe("a", server.Address + "data.bin");
        await _store.FetchAsync("a");
        Assert.Equal(17, _store.Waits[0].TotalSeconds);
        Assert.InRange(_store.Waits[1].TotalSeconds, 90, 100);

        using var patient = new MisbehavingServer((_, _, stream) => Text(stream, "429 Too Many Requests", "", "Retry-After: 3600").AsTask());
        _store.Describe("b", patient.Address + "data.bin");
        Assert.Contains("asks to wait 60 minutes", await _store.RefusedAsync("b"), StringComparison.Ordinal);
        Assert.Single(patient.Asks);
    }

    [Theory]
    [InlineData("Content-Type: text/html; charset=utf-8")]
    [InlineData("Content-Type: application/octet-stream")]
    public async Task A_page_in_place_of_the_file_is_seen_and_said(string type)
    {
        using var server = new MisbehavingServer((_, _, stream) => Text(
            stream, "200 OK", $"\n<!DOCTYPE html><html><title>Log in &amp; stay</title>{new string('x', 500)}</html>", type).AsTask());
        _store.Describe("a", server.Address + "data.bin");
        var message = await _store.RefusedAsync("a");
        Assert.Contains("gives a web page in place of the file (\"Log in & stay\")", message, StringComparison.Ordinal);
        Assert.Single(server.Asks);
        Assert.False(File.Exists(_store.Part("a")));
    }

    [Fact]
    public async Task Redirections_are_followed_but_not_in_circles()
    {
        using var server = new MisbehavingServer((ask, _, stream) => ask.Path switch
        {
            "/start" => Text(stream, "302 Found", "", "Location: /next").AsTask(),
            "/next" => Text(stream, "307 Temporary Redirect", "", "Location: end").AsTask(),
            "/end" => Serve(ask, stream, s_content),
            "/a" => Text(stream, "301 Moved Permanently", "", "Location: /b").AsTask(),
            "/b" => Text(stream, "301 Moved Permanently", "", "Location: /a").AsTask(),
            "/far" => Text(stream, "302 Found", "", "Location: file:///etc/passwd").AsTask(),
            "/none" => Text(stream, "302 Found", "").AsTask(),
            _ => Text(stream, "302 Found", "", $"Location: {ask.Path}1").AsTask(),
        });
        _store.Describe("good", server.Address + "start");
        await _store.FetchAsync("good");
        Assert.Equal(s_content, _store.Placed("good"));
        foreach (var (name, path, expected) in new[]
        {
            ("circle", "a", "redirects in a circle"), ("endless", "x", "redirects more than 10 times"), ("far", "far", "is no web address"), ("none", "none", "without saying where to"),
        })
        {
            _store.Describe(name, server.Address + path);
            Assert.Contains(expected, await _store.RefusedAsync(name), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_connection_that_stalls_is_given_up_and_taken_up()
    {
        using var server = new MisbehavingServer(async (ask, number, stream) =>
        {
            if (number == 0)
            {
                await Serve(ask, stream, s_content, breakAfter: 50_000);
                await stream.FlushAsync();
                await Task.Delay(TimeSpan.FromSeconds(20));
                return;
            }

            await Serve(ask, stream, s_content);
        });
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        await _store.FetchAsync("a", new FetchOptions { StallTimeout = TimeSpan.FromSeconds(2) });
        Assert.Equal([0, 50_000], server.Asks.Select(ask => ask.From));
        Assert.Contains("nothing came for 2 s", Assert.Single(_store.Reasons), StringComparison.Ordinal);
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task Stopped_by_the_user_it_goes_on_later()
    {
        using var stop = new CancellationTokenSource();
        using var server = new MisbehavingServer(async (ask, number, stream) =>
        {
            await Serve(ask, stream, s_content, breakAfter: number == 0 ? 50_000 : null);
            await stream.FlushAsync();
            if (number == 0)
                await Task.Delay(TimeSpan.FromSeconds(20));
        });
        _store.OnBytes = bytes =>
        {
            if (bytes == 50_000)
                stop.Cancel();
        };
        _store.Describe("a", server.Address + "data.bin");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.Fetcher().FetchAsync("a", stop.Token));
        Assert.Equal(DataSetState.Partial, _store.Store.StateOf("a"));
        Assert.Equal(50_000, _store.Store.DownloadedBytes("a"));
        await _store.FetchAsync("a");
        Assert.Equal([0, 50_000], server.Asks.Select(ask => ask.From));
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task A_full_disk_keeps_what_came()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin");
        var message = await _store.RefusedAsync("a", new FetchOptions { Append = path => new FullDisk(path, 120_000) });
        Assert.Contains("data.bin.part: cannot be written (No space left on device); what has come stays", message, StringComparison.Ordinal);
        var kept = new FileInfo(_store.Part("a")).Length;
        Assert.InRange(kept, 1, 120_000);
        await _store.FetchAsync("a");
        Assert.Equal([0, (int)kept], server.Asks.Select(ask => ask.From));
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task A_file_that_is_whole_but_unchecked_is_not_asked_for_again()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", $"sha256: {StoreFixture.Sha(s_content)}");
        await _store.FetchAsync("a", new FetchOptions { KeepArchives = true });
        // As a kill between the last byte and the rename leaves it.
        Directory.Delete(_store.Store.FolderOf("a"), recursive: true);
        var whole = _store.Part("a")[..^".part".Length];
        File.Move(whole, _store.Part("a"));
        File.WriteAllText(whole + ".part-info", $$"""{"Address":"{{server.Address}}data.bin","Validator":"\u0022v1\u0022","Total":{{s_content.Length}}}""");
        await _store.FetchAsync("a");
        Assert.Single(server.Asks);
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task What_was_downloaded_stays_when_it_cannot_be_placed()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", server.Address + "data.bin", top: "holds: [other.bin]");
        Assert.Contains("have no other.bin", await _store.RefusedAsync("a"), StringComparison.Ordinal);
        Assert.Equal(DataSetState.Partial, _store.Store.StateOf("a"));
        // A killed process's half-made folder is no one's.
        Directory.CreateDirectory(Path.Combine(_store.Store.Root, ".staging", "a.0123"));
        _store.Describe("a", server.Address + "data.bin", top: "holds: [data.bin]");
        await _store.FetchAsync("a");
        Assert.Single(server.Asks);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_store.Store.Root, ".staging")));
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task The_next_address_and_a_mirror_are_asked()
    {
        using var server = new MisbehavingServer((ask, _, stream) => ask.Path is "/data.bin" or "/m/a/data.bin" ? Serve(ask, stream, s_content) : Text(stream, "404 Not Found", "").AsTask());
        _store.Describe("a", $"{server.Address}gone\", \"{server.Address}data.bin");
        await _store.FetchAsync("a");
        Assert.Equal(["/gone", "/data.bin"], server.Asks.Select(ask => ask.Path));
        Directory.Delete(_store.Store.FolderOf("a"), recursive: true);
        await _store.FetchAsync("a", new FetchOptions { Mirror = new Uri(server.Address, "m/") });
        Assert.Equal("/m/a/data.bin", server.Asks[^1].Path);
        Assert.Equal(s_content, _store.Placed("a"));
    }

    [Fact]
    public async Task One_process_at_a_time_works_on_a_set()
    {
        var store = _store;
        store.Describe("a", "http://127.0.0.1:1/data.bin");
        using (store.Store.Lock(store.Store.Catalog["a"]))
            Assert.Contains("another process is working on the data set 'a'", await store.RefusedAsync("a"), StringComparison.Ordinal);
        Assert.Contains("no connection", await store.RefusedAsync("a", new FetchOptions { Attempts = 2 }), StringComparison.Ordinal);
        Directory.CreateDirectory(store.Store.FolderOf("a"));
        File.WriteAllText(Path.Combine(store.Store.FolderOf("a"), "mine.txt"), "");
        Assert.Equal(DataSetState.Foreign, store.Store.StateOf("a"));
        Assert.Contains("is there, but not by this store", await store.RefusedAsync("a"), StringComparison.Ordinal);
    }

    /// <summary>A file on a disk that has room for some bytes only.</summary>
    private sealed class FullDisk(string path, int room) : FileStream(path, FileMode.Append)
    {
        private int _left = room;

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (count > _left)
            {
                base.Write(buffer, offset, _left);
                _left = 0;
                throw new IOException("No space left on device");
            }

            _left -= count;
            base.Write(buffer, offset, count);
        }
    }
}
