namespace Sio.Data.Store;

/// <summary>How files are downloaded.</summary>
public sealed record FetchOptions
{
    /// <summary>
    /// A base address to ask in place of the official ones: <c>BASE/SET/FILE</c>, with the names that <c>sio data list SET</c> shows. Checksums are compared all the same.
    /// </summary>
    public Uri? Mirror { get; init; }

    /// <summary>How often an address is tried again without a single byte of progress before it is given up, ≥ 1.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>A connection that delivers nothing for so long is given up, and tried again.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait before the second attempt; it doubles with each further one, to half a minute at most.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that a server may ask for (<c>Retry-After</c>).</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether downloaded archives stay, under <c>.downloads</c>, after they are unpacked.</summary>
    public bool KeepArchives { get; init; }

    /// <summary>Where Google Drive hands out files.</summary>
    internal Uri Drive { get; init; } = new("https://drive.usercontent.google.com/");

    /// <summary>Waits; tests do not.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>The bytes that are free on a folder's disk; tests let it be full.</summary>
    internal Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Opens a file to write on from its end; tests let the disk be full.</summary>
    internal Func<string, Stream> Append { get; init; } = path => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, 1 << 16);
}
