using System.Diagnostics;
using System.Globalization;
using Sio.Experiments;
using Sio.Generation;
using Sio.Training;

namespace Sio.Cli.Output;

/// <summary>
/// Shows how far things are: on a terminal in one line that is rewritten, elsewhere as plain lines, one per epoch up to twenty.
/// </summary>
internal sealed class Progress : RunObserver, IDisposable
{
    private const int BarLength = 10;
    private const int PlainLines = 20;
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(30);

    private readonly bool _live = Terminal.CanRewrite;
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private readonly Stopwatch _sinceBegin = new();
    private string _what = string.Empty;

    public override void Begin(string what)
    {
        _what = what;
        _sinceBegin.Restart();
        _sinceShown.Restart();
        if (_live)
            Terminal.Rewrite($"{what} …");
    }

    public override void Warn(string message)
    {
        if (_live)
            Terminal.Rewrite(string.Empty);
        Console.Error.WriteLine($"warning: {message}");
    }

    public override void Trained(TrainingProgress progress)
    {
        // What matters most comes first: a narrow terminal leaves the end out.
        string[] parts =
        [
            Text($"epoch {progress.Epoch}/{progress.Epochs}"), Text($"{progress.ImagesPerSecond:F0} images/s"), $"{Clock(progress.Remaining)} left", Text($"loss {progress.Loss:F4}"),
            Text($"accuracy {progress.Accuracy:F2} %"),
        ];
        if (progress.ValidationAccuracy is { } validated)
            parts = [.. parts, Text($"validation {validated:F2} %")];
        if (_live)
            Show(progress.EpochEnded, () => Terminal.Rewrite(_what, Bar(progress.Step, progress.TotalSteps), parts));
        else if (IsTold(progress) || _sinceShown.Elapsed > s_plainInterval)
            Show(now: true, () => Console.WriteLine($"{_what}: {string.Join(", ", parts)}"));
    }

    public override void Trained(GeneratorProgress progress)
    {
        string[] parts =
        [
            Text($"step {progress.Step}/{progress.TotalSteps}"), Text($"{progress.ImagesPerSecond:F0} images/s"), $"{Clock(progress.Remaining)} left",
            .. progress.Measures.Select(measure => Text($"{measure.Name} {measure.Mean:F3}")),
        ];
        if (_live)
            Show(progress.Logged, () => Terminal.Rewrite(_what, Bar(progress.Step, progress.TotalSteps), parts));
        else if (progress.Step == progress.TotalSteps || _sinceShown.Elapsed > s_plainInterval)
            Show(now: true, () => Console.WriteLine($"{_what}: {string.Join(", ", parts)}"));
    }

    public override void Evaluated(int done, int total)
    {
        var speed = done / Math.Max(_sinceBegin.Elapsed.TotalSeconds, 1e-3);
        var left = TimeSpan.FromSeconds((total - done) / speed);
        string[] parts = [Text($"{done}/{total} images"), Text($"{speed:F0} images/s"), $"{Clock(left)} left"];
        if (_live)
            Show(done == total, () => Terminal.Rewrite(_what, Bar(done, total), parts));
        else if (_sinceShown.Elapsed > s_plainInterval)
            Show(now: true, () => Console.WriteLine($"{_what}: {string.Join(", ", parts)}"));
    }

    public override void Detecting(string detector, int number, int total)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"detector {number}/{total}: {detector}");
        if (_live)
            Terminal.Rewrite($"{text} …");
        else if (_sinceShown.Elapsed > s_plainInterval)
            Show(now: true, () => Console.WriteLine(_what.Length > 0 ? $"{_what}: {text}" : text));
    }

    public override void Tuning(string detector, int settings)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{detector}: {settings} {(settings == 1 ? "setting" : "settings")}");
        if (_live)
            Terminal.Rewrite($"tuning {text} …");
        else
            Console.WriteLine($"Tuning {text}");
    }

    public override void End(string summary)
    {
        if (_live)
            Terminal.Rewrite(string.Empty);
        Console.WriteLine($"{_what}: {summary}");
    }

    /// <summary>Clears the line, so that what is printed next, an error perhaps, stands alone.</summary>
    public void Dispose()
    {
        if (_live)
            Terminal.Rewrite(string.Empty);
    }

    // Each epoch of a few, some of many.
    private static bool IsTold(TrainingProgress progress) =>
        progress.EpochEnded && (progress.Epoch == progress.Epochs || progress.Epoch % ((progress.Epochs + PlainLines - 1) / PlainLines) == 0);

    private void Show(bool now, Action draw)
    {
        if (!now && _sinceShown.Elapsed < s_redraw)
            return;
        _sinceShown.Restart();
        draw();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Bar(long done, long total)
    {
        var filled = (int)(BarLength * done / Math.Max(total, 1));
        return $"[{new string('#', filled)}{new string('-', BarLength - filled)}]";
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2}");
}
