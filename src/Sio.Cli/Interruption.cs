using System.Runtime.InteropServices;

namespace Sio.Cli;

/// <summary>
/// Ctrl-C and SIGTERM ask the work to stop after the step under way, so that it can write its checkpoint; a second one ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    internal Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    internal CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        Console.Error.WriteLine();
        Console.Error.WriteLine("stopping after this step (again to stop at once) …");
        _source.Cancel();
    }
}
