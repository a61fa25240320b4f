using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Sio.Engine;

/// <summary>
/// Errors that LibTorch reports come from TorchSharp with a C++ stack trace of many lines. This leaves what a reader needs: LibTorch's own words,
/// in one line.
/// </summary>
public static partial class TorchErrors
{
    // TorchScript quotes its program, line by line, before it says what is wrong.
    private const string Program = "Traceback of TorchScript";

    /// <summary>Whether an exception is LibTorch's report of a failed operation.</summary>
    /// <param name="failure">What was thrown.</param>
    public static bool IsFromLibTorch(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.GetType() == typeof(ExternalException);
    }

    /// <summary>LibTorch's message without its stack trace, in one line; another exception's message as it is.</summary>
    /// <param name="failure">What was thrown.</param>
    public static string Describe(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return IsFromLibTorch(failure) ? Clean(failure.Message) : failure.Message;
    }

    /// <summary>LibTorch's message without its stack trace, in one line.</summary>
    /// <param name="message">The message as LibTorch gives it.</param>
    public static string Clean(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var trace = Trace().Match(message);
        var words = trace.Success ? message[..trace.Index] : message;
        var program = words.LastIndexOf(Program, StringComparison.Ordinal);
        if (program >= 0 && Reason().Match(words, program) is { Success: true } reason)
            words = words[(reason.Index + reason.Length)..];
        return WhiteSpace().Replace(words, " ").Trim();
    }

    // "Exception raised from conv2d at …/Convolution.cpp:123 (most recent call first):", then "frame #0: …".
    [GeneratedRegex(@"^\s*(Exception raised from .*|frame #\d+: .*|C\+\+ CapturedTraceback:.*)$", RegexOptions.Multiline)]
    private static partial Regex Trace();

    // "RuntimeError: mat1 and mat2 …", "builtins.ValueError: …"; the program's lines are indented or begin with a path.
    [GeneratedRegex(@"^(?:RuntimeError: |(?=[A-Za-z_][\w.]*: ))", RegexOptions.Multiline)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
