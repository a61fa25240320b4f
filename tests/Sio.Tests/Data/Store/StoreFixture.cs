using System.Security.Cryptography;
using Sio.Data.Store;

namespace Sio.Tests.Data.Store;

/// <summary>A store in a temporary folder with data sets of the test's own, and a fetcher that does not wait.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TempFolder _folder = new();

    internal StoreFixture() => Directory.CreateDirectory(_folder.File("store/sets"));

    internal DataStore Store => new(_folder.File("store"));

    internal List<TimeSpan> Waits { get; } = [];

    internal List<string> Reasons { get; } = [];

    /// <summary>Called with each sign of progress: how many bytes are there.</summary>
    internal Action<long>? OnBytes { get; set; }

    internal string At(string name) => _folder.File(name);

    /// <summary>Some bytes that are no web page, the same for the same seed.</summary>
    internal static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        bytes[0] = 7;
        return bytes;
    }

    internal static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Describes a set of one file.</summary>
    internal void Describe(string name, string address, string extra = "", string file = "data.bin", string top = "") => File.WriteAllText(
        _folder.File($"store/sets/{name}.yml"),
        $"""
        summary: a set
        homepage: https://example.org/
        licence: none
        {top}
        files:
          - name: {file}
            addresses: ["{address}"]
            {extra}
        """);

    internal Fetcher Fetcher(FetchOptions? options = null) => new(
        Store,
        (options ?? new FetchOptions()) with
        {
            Wait = (delay, _) =>
            {
                Waits.Add(delay);
                return Task.CompletedTask;
            },
        },
        new Listener(this));

    internal Task<bool> FetchAsync(string name, FetchOptions? options = null) => Fetcher(options).FetchAsync(name);

    internal async Task<string> RefusedAsync(string name, FetchOptions? options = null) =>
        (await Assert.ThrowsAsync<Sio.Data.DataException>(() => FetchAsync(name, options))).Message;

    internal byte[] Placed(string name, string file = "data.bin") => File.ReadAllBytes(Path.Combine(Store.FolderOf(name), file));

    internal string Part(string name, string file = "data.bin") => Path.Combine(Store.Root, ".downloads", name, file + ".part");

    public void Dispose() => _folder.Dispose();

    private sealed class Listener(StoreFixture fixture) : FetchObserver
    {
        public override void Received(long bytes, long? total) => fixture.OnBytes?.Invoke(bytes);

        public override void Retrying(string reason, TimeSpan delay) => fixture.Reasons.Add(reason);
    }
}
