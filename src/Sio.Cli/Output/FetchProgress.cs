using System.Diagnostics;
using Sio.Data.Store;

namespace Sio.Cli.Output;

/// <summary>Shows how far a download is, with its speed and the time left: on a terminal in one line that is rewritten, elsewhere as a line now and then.</summary>
internal sealed class FetchProgress : FetchObserver, IDisposable
{
    private const double OfLast = 0.2;
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(200), s_plain = TimeSpan.FromSeconds(30);

    private readonly bool _live = Terminal.CanRewrite;
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private string _file = string.Empty;
    private long _lastBytes;
    private double _speed;

    public override void Begin(string file, string address, long already)
    {
        (_file, _lastBytes, _speed) = (file, already, 0);
        _sinceShown.Restart();
        Clear();
        Console.WriteLine(already > 0 ? $"  {file} from {address}, on from {Size.Text(already)}" : $"  {file} from {address}");
    }

    public override void Received(long bytes, long? total)
    {
        if (_sinceShown.Elapsed < (_live ? s_redraw : s_plain))
            return;
        var now = (bytes - _lastBytes) / _sinceShown.Elapsed.TotalSeconds;
        _speed = _speed == 0 ? now : ((1 - OfLast) * _speed) + (OfLast * now);
        _lastBytes = bytes;
        var left = total is { } all && _speed > 0 ? $", {Clock(TimeSpan.FromSeconds((all - bytes) / _speed))} left" : "";
        Show($"{_file}: {Size.Text(bytes)}{(total is { } of ? FormattableString.Invariant($" of {Size.Text(of)} ({100.0 * bytes / of:F0} %)") : "")}, {Size.Text(_speed)}/s{left}");
    }

    public override void Retrying(string reason, TimeSpan delay)
    {
        Clear();
        Console.WriteLine(FormattableString.Invariant($"  {reason}; again in {delay.TotalSeconds:0.#} s"));
    }

    public override void Checking(string file, long bytes, long total) => Now($"{file}: comparing sums, {Size.Text(bytes)} of {Size.Text(total)}");

    public override void Received(string file, long bytes, bool published)
    {
        Clear();
        Console.WriteLine($"  {file}: {Size.Text(bytes)}, {(published ? "the sum is the published one" : "no sum is published; this one is kept and compared with from now on")}");
    }

    public override void Unpacking(int entries, long bytes) => Now(FormattableString.Invariant($"unpacking: {entries} files, {Size.Text(bytes)}"));

    /// <summary>Clears the line, so that what is printed next stands alone.</summary>
    internal void Clear()
    {
        if (_live)
            Terminal.Rewrite(string.Empty);
    }

    public void Dispose() => Clear();

    private void Now(string text)
    {
        if (_sinceShown.Elapsed >= (_live ? s_redraw : s_plain))
            Show(text);
    }

    private void Show(string text)
    {
        _sinceShown.Restart();
        if (!_live)
        {
            Console.WriteLine("  " + text);
            return;
        }

        Terminal.Rewrite(text);
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? FormattableString.Invariant($"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : FormattableString.Invariant($"{time.Minutes}:{time.Seconds:D2}");
}
