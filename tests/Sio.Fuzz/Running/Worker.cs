namespace Sio.Fuzz.Running;

/// <summary>A thread that reads inputs one after the other, so that another can look at the clock.</summary>
internal sealed class Worker : IDisposable
{
    private readonly SemaphoreSlim _begin = new(0), _end = new(0);
    private Action? _work;

    internal Worker()
    {
        // In the background: a reader that never comes back must not keep the process alive.
        var thread = new Thread(Loop) { IsBackground = true, Name = "reader" };
        thread.Start();
    }

    /// <summary>Runs something that throws nothing.</summary>
    /// <returns>Whether it came to its end in time; if not, the worker is of no further use.</returns>
    internal bool TryRun(Action work, TimeSpan limit)
    {
        _work = work;
        _begin.Release();
        return _end.Wait(limit);
    }

    public void Dispose()
    {
        _work = null;
        _begin.Release();
    }

    private void Loop()
    {
        while (true)
        {
            _begin.Wait();
            if (_work is not { } work)
                return;
            work();
            _end.Release();
        }
    }
}
