using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data;

/// <summary>Images that are computed when they are asked for, and counted: what is read, and how many at a time.</summary>
internal sealed class FakeSource(int count, ImageSize size) : IImageSource
{
    private int _reads;
    private int _atOnce;
    private int _mostAtOnce;

    public int Count => count;

    public ImageSize Size => size;

    /// <summary>Images read so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The most images that were being read at the same time.</summary>
    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    /// <summary>Images that cannot be read.</summary>
    public HashSet<int> Broken { get; init; } = [];

    /// <summary>Called within each read.</summary>
    public Action WhileReading { get; init; } = static () => { };

    public string Identity(int index) => $"image {index}";

    public string? Location(int index) => $"/fake/{index}";

    public void Read(int index, Span<byte> destination)
    {
        Begin(index);
        Pixels(index).CopyTo(destination);
        Interlocked.Decrement(ref _atOnce);
    }

    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        Begin(index);
        var first = (byte)random.NextInt(256);
        Pixels(index).CopyTo(destination);
        destination[0] = first;
        Interlocked.Decrement(ref _atOnce);
    }

    /// <summary>The same images in memory.</summary>
    public ImageSet InMemory(string name, int[] labels, int classCount, IReadOnlyList<string>? names = null) =>
        new(name, [.. Enumerable.Range(0, count).SelectMany(Pixels)], labels, size.Channels, size.Height, size.Width, classCount, names);

    private byte[] Pixels(int index) => [.. Enumerable.Range(0, size.Length).Select(i => (byte)((index * 37) + (i * 11) + ((index * i) >> 2)))];

    private void Begin(int index)
    {
        Interlocked.Increment(ref _reads);
        var now = Interlocked.Increment(ref _atOnce);
        for (var most = MostAtOnce; now > most; most = MostAtOnce)
            Interlocked.CompareExchange(ref _mostAtOnce, now, most);
        WhileReading();
        if (Broken.Contains(index))
            throw new DataException($"/fake/{index}: cannot be read.");
    }
}
