namespace Sio.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    internal const int Success = 0;
    internal const int Failure = 1;
    internal const int Usage = 2;
    internal const int Interrupted = 130;
}
