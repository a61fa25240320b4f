using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Recipes;
using Sio.Training;

namespace Sio.Cli;

/// <summary>Turns a failure into one line on standard error and an exit code.</summary>
internal static class Failure
{
    /// <summary>How the origin of an override begins.</summary>
    private const string Override = "--set ";

    // What a spoilt file says where a name should be may be as long as the file.
    private const int LongestLine = 2000, KeptAtEnd = 400;

    internal static int Report(Exception failure, bool debug)
    {
        var (line, code) = Line(failure);
        try
        {
            Console.Error.WriteLine(line);
            if (debug)
                Console.Error.WriteLine(failure);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full, too: the exit code tells.
        }

        return code;
    }

    /// <summary>What is shown of a failure: one line of a length that can be read, and nothing that a terminal would take for a command.</summary>
    internal static (string Line, int Code) Line(Exception failure)
    {
        var (message, code) = Describe(failure);
        message = message.ReplaceLineEndings(" ");
        if (message.Length > LongestLine)
            message = $"{message[..(LongestLine - KeptAtEnd)]} … {message[^KeptAtEnd..]}";
        return (string.Create(message.Length, message, (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(text[i]) ? '?' : text[i];
        }), code);
    }

    // Its message was written for users.
    private static bool SaysItself(Exception failure) => failure is DataException or RecipeException or UnknownNameException or DetectionException or TrainingFailedException or LibTorchException
        or IOException or UnauthorizedAccessException or InvalidDataException;

    private static (string Message, int Code) Describe(Exception failure) => failure switch
    {
        OperationCanceledException => ("stopped", ExitCodes.Interrupted),
        UsageException => ($"error: {failure.Message}", ExitCodes.Usage),
        RecipeException recipe when recipe.Origin.StartsWith(Override, StringComparison.Ordinal) => ($"error: {failure.Message}", ExitCodes.Usage),
        _ when SaysItself(failure) => ($"error: {failure.Message}", ExitCodes.Failure),
        // Where LibTorch cannot be loaded, that may first show within a constructor.
        _ when failure.GetBaseException() is LibTorchException cause => ($"error: {cause.Message}", ExitCodes.Failure),
        ExternalException => ($"error: {TorchErrors.Describe(failure)}", ExitCodes.Failure),
        OutOfMemoryException => ("error: out of memory; a smaller batch size or fewer images may help", ExitCodes.Failure),
        _ => ($"error: {failure.GetType().Name}: {failure.Message} (a bug; --debug shows where)", ExitCodes.Failure),
    };
}
