namespace Sio.Data.Store;

/// <summary>An attempt to download failed.</summary>
internal sealed class TransferException : Exception
{
    internal TransferException(string message, bool temporary, TimeSpan? retryAfter = null, Exception? cause = null)
        : base(message, cause) => (Temporary, RetryAfter) = (temporary, retryAfter);

    /// <summary>Whether another attempt may do better.</summary>
    internal bool Temporary { get; }

    /// <summary>How long the server asked to wait.</summary>
    internal TimeSpan? RetryAfter { get; }
}
