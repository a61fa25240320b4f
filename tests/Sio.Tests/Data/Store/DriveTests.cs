using Sio.Data.Store;
using static Sio.Tests.Data.Store.MisbehavingServer;

namespace Sio.Tests.Data.Store;

/// <summary>Google Drive's pages, as it has had them over the years, in front of large files.</summary>
public sealed class DriveTests : IDisposable
{
    private static readonly byte[] s_content = StoreFixture.Bytes(100_000);

    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("""<form id="download-form" action="/confirmed" method="get"><input type="submit" value="Download anyway"/><input type="hidden" name="id" value="ID1"><input type="hidden" name="confirm" value="t&amp;1"></form><input name="other" value="x">""", "/confirmed?id=ID1&confirm=t%261")]
    [InlineData("""<a id="uc-download-link" href="/uc?export=download&amp;confirm=AbC&amp;id=ID1">anyway</a>""", "/uc?export=download&confirm=AbC&id=ID1")]
    public async Task The_question_before_large_files_is_answered(string page, string then)
    {
        using var server = new MisbehavingServer((ask, number, stream) => ask.Path.StartsWith("/download", StringComparison.Ordinal)
            ? Text(stream, "200 OK", $"<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body>{page}</body></html>", "Content-Type: text/html", "Set-Cookie: seen=1; Path=/").AsTask()
            : Serve(ask, stream, s_content, breakAfter: number == 1 ? 40_000 : null));
        _store.Describe("a", "gdrive:ID1");
        await _store.FetchAsync("a", Here(server));
        Assert.Equal(s_content, _store.Placed("a"));
        Assert.Equal(["/download?id=ID1&export=download", then, "/download?id=ID1&export=download", then], server.Asks.Select(ask => ask.Path));
        Assert.Equal(40_000, server.Asks[3].From);
        Assert.Equal("seen=1", server.Asks[1].Headers["Cookie"]);
        Assert.Equal("gdrive:ID1", _store.Store.RecordOf("a").Files[0].From);
    }

    [Fact]
    public async Task Small_files_come_at_once()
    {
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, s_content));
        _store.Describe("a", "gdrive:ID1");
        await _store.FetchAsync("a", Here(server));
        Assert.Single(server.Asks);
    }

    [Fact]
    public async Task A_used_up_quota_is_said_with_the_way_round_it()
    {
        using var server = new MisbehavingServer((_, _, stream) => Text(
            stream,
            "200 OK",
            "<html><head><title>Google Drive - Quota exceeded</title></head><p class=\"uc-error-caption\">Sorry</p><p class=\"uc-error-subcaption\">Too many users have viewed\nthis <b>file</b> recently.</p></html>",
            "Content-Type: text/html").AsTask());
        _store.Describe("a", "gdrive:ID1");
        var message = await _store.RefusedAsync("a", Here(server));
        Assert.Contains("Too many users have viewed this  file  recently.", message, StringComparison.Ordinal);
        Assert.Contains("https://drive.google.com/file/d/ID1/view and then 'sio data import'", message, StringComparison.Ordinal);
        Assert.Single(server.Asks);
    }

    [Fact]
    public async Task A_page_that_leads_elsewhere_or_asks_for_ever_is_not_followed()
    {
        using var server = new MisbehavingServer((ask, number, stream) => Text(
            stream, "200 OK", $"<html><form id=\"download-form\" action=\"/again{number}\"></form></html>", "Content-Type: text/html").AsTask());
        _store.Describe("a", "gdrive:ID1");
        Assert.Contains("gives a web page", await _store.RefusedAsync("a", Here(server)), StringComparison.Ordinal);
        Assert.Equal(3, server.Asks.Count);
        var from = new Uri("https://drive.usercontent.google.com/download?id=1");
        Assert.Null(WebPage.DriveConfirmation("<form id='download-form' action='https://evil.example/x'></form>", from));
        Assert.Null(WebPage.DriveConfirmation("<form id='download-form' action='https://evilgoogle.com/x'></form>", from));
        Assert.Equal("https://drive.google.com/x?", WebPage.DriveConfirmation("<form id='download-form' action='https://drive.google.com/x'></form>", from)!.ToString());
        Assert.Null(WebPage.DriveConfirmation("<p>nothing</p>", from));
    }

    private static FetchOptions Here(MisbehavingServer server) => new() { Drive = server.Address };
}
