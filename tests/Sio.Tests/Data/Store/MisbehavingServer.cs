using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sio.Tests.Data.Store;

/// <summary>What a client asked for.</summary>
internal sealed record Ask(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The first byte of the range asked for; 0 without one.</summary>
    internal int From => Headers.TryGetValue("Range", out var range) ? int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture) : 0;
}

/// <summary>
/// A web server on this machine that answers byte by byte what a test wants, right or wrong. Nothing in it knows HTTP beyond requests without a body: what is sent is what the
/// test wrote.
/// </summary>
internal sealed class MisbehavingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Ask, int, Stream, Task> _answer;
    private readonly ConcurrentQueue<Ask> _asks = new();
    private readonly CancellationTokenSource _stop = new();
    private int _count;

    /// <param name="answer">Given the request and its number from 0, writes the answer; the connection is closed after it.</param>
    internal MisbehavingServer(Func<Ask, int, Stream, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    internal Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    internal IReadOnlyList<Ask> Asks => [.. _asks];

    /// <summary>A header block.</summary>
    internal static byte[] Head(string status, params string[] headers) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Connection: close\r\n\r\n");

    /// <summary>Answers as a good server does: whole or from a byte on, with an ETag.</summary>
    internal static async Task Serve(Ask ask, Stream stream, byte[] content, string tag = "\"v1\"", int? breakAfter = null)
    {
        var from = ask.From;
        if (from > 0 && (!ask.Headers.TryGetValue("If-Range", out var mark) || mark == tag))
        {
            await stream.WriteAsync(from < content.Length
                ? Head("206 Partial Content", $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}", $"Content-Length: {content.Length - from}", $"ETag: {tag}")
                : Head("416 Range Not Satisfiable", $"Content-Range: bytes */{content.Length}", "Content-Length: 0"));
        }
        else
        {
            from = 0;
            await stream.WriteAsync(Head("200 OK", $"Content-Length: {content.Length}", $"ETag: {tag}", "Accept-Ranges: bytes"));
        }

        var rest = content.AsMemory(Math.Min(from, content.Length));
        await stream.WriteAsync(breakAfter is { } length && length < rest.Length ? rest[..length] : rest);
    }

    internal static ValueTask Text(Stream stream, string status, string body, params string[] headers) =>
        stream.WriteAsync(Head(status, [$"Content-Length: {Encoding.UTF8.GetByteCount(body)}", .. headers]).Concat(Encoding.UTF8.GetBytes(body)).ToArray());

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(client));
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var lines = await ReadHeadAsync(stream);
                if (lines.Count == 0)
                    return;
                var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2)
                    .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
                var ask = new Ask(lines[0].Split(' ')[1], headers);
                _asks.Enqueue(ask);
                await _answer(ask, Interlocked.Increment(ref _count) - 1, stream);
                await stream.FlushAsync();
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // The client went away, as some tests want.
            }
        }
    }

    private static async Task<List<string>> ReadHeadAsync(Stream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return [];
            text.Append((char)one[0]);
        }

        return [.. text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }
}
