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
        try
        {
            Console.Error.WriteLine(message.ReplaceLineEndings(" "));
            if (debug)
                Console.Error.WriteLine(failure);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full, too: the exit code tells.
        }

        return code;
    }

    private static (string Message, int Code) Describe(Exception failure) => failure switch
    {
        OperationCanceledException => ("stopped", ExitCodes.Interrupted),
        UsageException => ($"error: {failure.Message}", ExitCodes.Usage),
        RecipeException recipe when recipe.Origin.StartsWith(Override, StringComparison.Ordinal) => ($"error: {failure.Message}", ExitCodes.Usage),
        DataException or RecipeException or UnknownNameException or DetectionException or TrainingFailedException or LibTorchException
            or IOException or UnauthorizedAccessException or InvalidDataException => ($"error: {failure.Message}", ExitCodes.Failure),
        // Where LibTorch cannot be loaded, that may first show within a constructor.
        _ when failure.GetBaseException() is LibTorchException cause => ($"error: {cause.Message}", ExitCodes.Failure),
        ExternalException => ($"error: {TorchErrors.Describe(failure)}", ExitCodes.Failure),
        OutOfMemoryException => ("error: out of memory; a smaller batch size or fewer images may help", ExitCodes.Failure),
        _ => ($"error: {failure.GetType().Name}: {failure.Message} (a bug; --debug shows where)", ExitCodes.Failure),
    };
}
