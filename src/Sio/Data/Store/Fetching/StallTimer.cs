namespace Sio.Data.Store;

/// <summary>Cancels when nothing has come for a while, or when the caller does; tells one from the other.</summary>
internal sealed class StallTimer : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _patience;

    internal StallTimer(TimeSpan patience, CancellationToken caller)
    {
        (_patience, _caller) = (patience, caller);
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        Alive();
    }

    internal CancellationToken Token => _source.Token;

    public void Dispose() => _source.Dispose();

    internal void Alive() => _source.CancelAfter(_patience);

    /// <summary>What a cancellation means.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal TransferException Stalled()
    {
        _caller.ThrowIfCancellationRequested();
        return new TransferException(ImageSet.Text($"nothing came for {_patience.TotalSeconds:0.#} s"), temporary: true);
    }
}
