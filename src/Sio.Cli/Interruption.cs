using System.Runtime.InteropServices;

namespace Sio.Cli;

/// <summary>
/// Ctrl-C and SIGTERM ask the work to stop after the step under way, so that it can write its checkpoint; a second one ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly bool _supervised;
    private bool _disposed;

    /// <summary>Begins to listen.</summary>
    /// <param name="supervised">
    /// Whether another <c>sio</c> started this process and decides when it ends: it asks by closing our standard input, which also happens when it is killed. Signals then ask too, but
    /// however often: Ctrl-C and a job's end reach all processes at once, and the other asks besides.
    /// </param>
    internal Interruption(bool supervised = false)
    {
        _supervised = supervised;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
        if (supervised)
            new Thread(WaitForEnd) { IsBackground = true, Name = "end of standard input" }.Start();
    }

    internal CancellationToken Token => _source.Token;

    /// <summary>What a second signal does before it ends the process.</summary>
    internal Action? AtOnce { get; set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        lock (_lock)
        {
            _disposed = true;
            _source.Dispose();
        }
    }

    private void Stop(PosixSignalContext context)
    {
        if (Ask() || _supervised)
            context.Cancel = true;
        else
            AtOnce?.Invoke();
    }

    private void WaitForEnd()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64];
        while (input.Read(buffer) > 0)
        {
        }

        Ask();
    }

    /// <summary>Asks the work to stop.</summary>
    /// <returns>False where it had been asked before.</returns>
    private bool Ask()
    {
        lock (_lock)
        {
            if (_disposed || _source.IsCancellationRequested)
                return false;
            Console.Error.WriteLine();
            Console.Error.WriteLine(_supervised ? "stopping after this step …" : "stopping after this step (again to stop at once) …");
            _source.Cancel();
            return true;
        }
    }
}
