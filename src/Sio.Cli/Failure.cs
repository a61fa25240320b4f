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

    internal static int Report(Exception failure, bool debug)
    {
        var (message, code) = Describe(failure);
        Console.Error.WriteLine(message.ReplaceLineEndings(" "));
        if (debug)
            Console.Error.WriteLine(failure);
        return code;
    }

    /// <summary>Whether a failure is one that the user, or whoever keeps the machine, can mend. Any other is a bug of this program.</summary>
    internal static bool IsForeseen(Exception failure) =>
        failure is OperationCanceledException or UsageException or ExternalException or OutOfMemoryException || SaysItself(failure) || failure.GetBaseException() is LibTorchException;

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
