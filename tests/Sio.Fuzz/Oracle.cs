using System.Diagnostics;
using System.Globalization;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Recipes;
using Sio.Serialization;

namespace Sio.Fuzz;

/// <summary>What became of an input.</summary>
internal enum Outcome
{
    /// <summary>It was read.</summary>
    Accepted,

    /// <summary>It was rejected in words.</summary>
    Rejected,

    /// <summary>Something went wrong that is no word to a user.</summary>
    Finding,

    /// <summary>It is still being read: the process cannot go on.</summary>
    Hanging,
}

/// <summary>An input's outcome, and what is wrong where something is.</summary>
internal readonly record struct Verdict(Outcome Outcome, string Reason = "");

/// <summary>Has a target read an input, and judges how it went: in words, in time, within bounds, and with nothing left behind.</summary>
internal sealed class Oracle(TimeSpan limit)
{
    // A reader that is slow, and one that never ends, are two things.
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(5);

    /// <summary>Judges one input.</summary>
    internal Verdict Judge(FuzzTarget target, string path)
    {
        var verdict = new Verdict(Outcome.Hanging, string.Create(CultureInfo.InvariantCulture, $"is still at it after {limit.TotalSeconds:0.#} s"));
        var thread = new Thread(() => verdict = Run(target, path), 16 << 20) { IsBackground = true };
        thread.Start();
        return thread.Join(limit) ? verdict : new Verdict(Outcome.Hanging, verdict.Reason);
    }

    private static Verdict Run(FuzzTarget target, string path)
    {
        var clock = Stopwatch.StartNew();
        var (allocated, live) = (GC.GetTotalAllocatedBytes(), LiveTensors());
        var outcome = Outcome.Accepted;
        try
        {
            target.Read(path);
        }
        catch (Exception error) when (IsInWords(error))
        {
            outcome = Outcome.Rejected;
            if (string.IsNullOrWhiteSpace(error.Message) || error.Message.Contains('\n', StringComparison.Ordinal))
                return new Verdict(Outcome.Finding, $"its message is not one line: {error.Message.ReplaceLineEnds()}");
            if (target.NamesFile && !error.Message.Contains(target.FileName, StringComparison.Ordinal))
                return new Verdict(Outcome.Finding, $"its message does not name the file: {error.Message}");
        }
#pragma warning disable CA1031 // every exception that is no word to a user is what is looked for
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new Verdict(Outcome.Finding, $"{error.GetType().Name}: {error.Message.ReplaceLineEnds()} at {Place(error)}");
        }

        var more = GC.GetTotalAllocatedBytes() - allocated;
        return more > target.MostBytes ? new Verdict(Outcome.Finding, string.Create(CultureInfo.InvariantCulture, $"took {more >> 20} MiB"))
            : clock.Elapsed > s_slow ? new Verdict(Outcome.Finding, string.Create(CultureInfo.InvariantCulture, $"took {clock.Elapsed.TotalSeconds:F1} s"))
            : LiveTensors() != live ? new Verdict(Outcome.Finding, "left tensors behind")
            : new Verdict(outcome);
    }

    // What the command line turns into one line, and what its readers turn into that.
    private static bool IsInWords(Exception error) => error is DataException or RecipeException or UnknownNameException or DetectionException or TorchFileException
        or SafetensorsException or InvalidDataException or IOException or LibTorchException;

    private static long LiveTensors() => TorchRuntime.LiveTensors;

    private static string Place(Exception error) =>
        new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith("Sio", StringComparison.Ordinal) == true) is { } method
            ? $"{method.DeclaringType!.Name}.{method.Name}"
            : "an unknown place";
}

/// <summary>Text for one line.</summary>
internal static class OneLineText
{
    /// <summary>The text without line ends.</summary>
    internal static string ReplaceLineEnds(this string text) => text.ReplaceLineEndings(" ");
}
