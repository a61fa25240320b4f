namespace Sio.Data.Store;

/// <summary>Is told how far a fetch, an import or a check is. Each method does nothing here.</summary>
public class FetchObserver
{
    /// <summary>A file's download begins or goes on.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="already">Bytes that an earlier attempt left.</param>
    public virtual void Begin(string file, string address, long already)
    {
    }

    /// <summary>Bytes have come. Called often.</summary>
    /// <param name="bytes">Bytes of the file that are there.</param>
    /// <param name="total">Bytes it will have, or null where the server does not say.</param>
    public virtual void Received(long bytes, long? total)
    {
    }

    /// <summary>An attempt failed, and there will be another.</summary>
    /// <param name="reason">Why it failed.</param>
    /// <param name="delay">The wait before the next.</param>
    public virtual void Retrying(string reason, TimeSpan delay)
    {
    }

    /// <summary>A file is compared with its sum. Called often.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="bytes">Bytes read so far.</param>
    /// <param name="total">Bytes in all.</param>
    public virtual void Checking(string file, long bytes, long total)
    {
    }

    /// <summary>A file is whole and its sum right.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="published">Whether its sum is a published one.</param>
    public virtual void Received(string file, long bytes, bool published)
    {
    }

    /// <summary>Files are unpacked or copied. Called often.</summary>
    /// <param name="entries">How many so far.</param>
    /// <param name="bytes">Their bytes so far.</param>
    public virtual void Unpacking(int entries, long bytes)
    {
    }
}
