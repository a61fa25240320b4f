using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sio.Data;

/// <summary>Images of a test set that are among those trained on, pixel for pixel.</summary>
/// <param name="Images">Which were trained on: training, synthetic, auxiliary or mixing.</param>
/// <param name="TestSet">The test set's name.</param>
/// <param name="Count">How many of its images are among them, at least 1.</param>
/// <param name="TestImages">How many it has.</param>
/// <param name="First">The first of them.</param>
public sealed record ImageOverlap(string Images, string TestSet, int Count, int TestImages, int First)
{
    /// <summary>Looks for the images of test sets among others. Content decides, so the same file under another name is found as well as a single image that is in both.</summary>
    /// <param name="kind">What to call the images: training, synthetic, auxiliary or mixing.</param>
    /// <param name="images">The images.</param>
    /// <param name="tests">The test sets; one with images of another size shares none.</param>
    /// <returns>An entry for each test set that shares an image.</returns>
    /// <remarks>
    /// Sets that are read from files are not read for this: of two such sets those images are the same that come from one file. One of them and one in memory are not compared, see <see cref="IsLookedFor"/>.
    /// </remarks>
    public static IReadOnlyList<ImageOverlap> Find(string kind, ImageSet images, IEnumerable<ImageSet> tests) => [.. FindAll(kind, images, tests).Select(found => found.Overlap)];

    /// <summary>As <see cref="Find"/>, with the places in the test set of all images that are shared.</summary>
    internal static IReadOnlyList<(ImageOverlap Overlap, int[] Shared)> FindAll(string kind, ImageSet images, IEnumerable<ImageSet> tests)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(tests);
        ImageSet[] comparable = [.. tests.Where(test => test.HasSameImageSize(images) && IsLookedFor(images, test))];
        if (comparable.Length == 0)
            return [];
        if (images.IsStreamed)
            return ByFile(kind, images, comparable);

        // One image per hash, and the next of the same hash, as a chain: images that differ may share one.
        var first = new Dictionary<ulong, int>(images.Count);
        var next = new int[images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(first, Hash(images.Image(i)), out var there);

            // Images that repeat one another, such as black ones, would make the chain as long as the set.
            if (there && images.Image(head).SequenceEqual(images.Image(i)))
                continue;
            next[i] = there ? head : -1;
            head = i;
        }

        var found = new List<(ImageOverlap Overlap, int[] Shared)>();
        foreach (var test in comparable)
        {
            int[] shared = [.. Enumerable.Range(0, test.Count).Where(i => Contains(test.Image(i)))];
            if (shared.Length > 0)
                found.Add((new ImageOverlap(kind, test.Name, shared.Length, test.Count, shared[0]), shared));
        }

        return found;

        bool Contains(ReadOnlySpan<byte> image)
        {
            for (var i = first.GetValueOrDefault(Hash(image), -1); i >= 0; i = next[i])
            {
                if (images.Image(i).SequenceEqual(image))
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether images of a test set can be found among others: both are in memory, or both are read from files.</summary>
    /// <param name="images">The images.</param>
    /// <param name="test">The test set.</param>
    public static bool IsLookedFor(ImageSet images, ImageSet test)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(test);
        return images.IsStreamed == test.IsStreamed;
    }

    private static List<(ImageOverlap Overlap, int[] Shared)> ByFile(string kind, ImageSet images, ImageSet[] tests)
    {
        var files = Enumerable.Range(0, images.Count).Select(images.LocationOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var found = new List<(ImageOverlap Overlap, int[] Shared)>();
        foreach (var test in tests)
        {
            int[] shared = [.. Enumerable.Range(0, test.Count).Where(i => test.LocationOf(i) is { } file && files.Contains(file))];
            if (shared.Length > 0)
                found.Add((new ImageOverlap(kind, test.Name, shared.Length, test.Count, shared[0]), shared));
        }

        return found;
    }

    // Four lanes of eight bytes: as fast as memory. Equality is found by comparing; the hash has only to be good enough to seldom ask for that.
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong prime = 0x9E3779B97F4A7C15;
        var (a, b, c, d) = ((ulong)bytes.Length, prime, ~prime, prime >> 1);
        for (; bytes.Length >= 32; bytes = bytes[32..])
        {
            a = Mix(a, bytes);
            b = Mix(b, bytes[8..]);
            c = Mix(c, bytes[16..]);
            d = Mix(d, bytes[24..]);
        }

        foreach (var value in bytes)
            a = BitOperations.RotateLeft((a ^ value) * prime, 29);
        return (((((a * prime) ^ b) * prime) ^ c) * prime) ^ d;

        static ulong Mix(ulong lane, ReadOnlySpan<byte> from) => BitOperations.RotateLeft((lane ^ BinaryPrimitives.ReadUInt64LittleEndian(from)) * prime, 31);
    }
}
