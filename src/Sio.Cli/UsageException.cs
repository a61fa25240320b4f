namespace Sio.Cli;

/// <summary>The command line makes no sense, beyond what its grammar can tell.</summary>
internal sealed class UsageException(string message) : Exception(message);
