using System.Diagnostics;
using System.Runtime.InteropServices;
using Sio.Cli;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>Tells an error that a user can do something about from a fault of the program.</summary>
internal static class Oracle
{
    /// <summary>What is wrong with an exception; null where it is as it should be.</summary>
    /// <param name="target">Who threw it.</param>
    /// <param name="error">What was thrown.</param>
    /// <param name="path">The file that was read.</param>
    /// <param name="limits">How long a message may be.</param>
    internal static (string Kind, string Place, string Text)? Fault(FuzzTarget target, Exception error, string path, Limits limits)
    {
        // LibTorch's words name no file, and memory that is not there is asked for by a number that nobody checked.
        if (error is OutOfMemoryException || error.GetType() == typeof(ExternalException) || !(Failure.IsForeseen(error) || target.Documented.Contains(error.GetType())))
            return (error.GetType().Name, PlaceOf(error), error.ToString());
        var place = $"{PlaceOf(error)}, {error.GetType().Name}";
        if (string.IsNullOrWhiteSpace(error.Message))
            return ("message", place, $"The message is empty. {error}");
        var (line, _) = Failure.Line(error);
        if (!target.HasNoFile && !Names(line, path))
            return ("message", place, $"The line does not name the file ({Path.GetFileName(path)}): {line}\n{error}");
        if (line.Any(char.IsControl) || line.Length > limits.LineLength)
            return ("message", place, $"The line has {line.Length} characters, and maybe such as a terminal takes for commands. {error}");
        return null;
    }

    /// <summary>The topmost method of the product in an exception's trace.</summary>
    internal static string PlaceOf(Exception error)
    {
        var frames = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()).OfType<System.Reflection.MethodBase>();
        var own = frames.FirstOrDefault(method => method.DeclaringType?.FullName?.StartsWith("Sio.", StringComparison.Ordinal) == true);
        return own is null ? "unknown" : $"{own.DeclaringType!.Name}.{own.Name}";
    }

    // A message about a folder is enough where it is the folder's files that do not fit together. A file may name another one, which is then at fault.
    private static bool Names(string message, string path) =>
        File.Exists(message.Replace("error: ", string.Empty, StringComparison.Ordinal).Split(':')[0])
        || message.Contains(Path.GetFileName(path), StringComparison.Ordinal) || message.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal);
}
