using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sio.Data;

namespace Sio.Generation;

/// <summary>
/// Samples with the labels of the data set they stand for, and their provenance: a folder with <c>images.npy</c> (N,H,W,C uint8), <c>labels.npy</c> (N) and <c>provenance.json</c>, or, where the
/// name ends in <c>.npz</c>, an archive of both arrays with <c>NAME.provenance.json</c> beside it. <see cref="SyntheticSet"/> reads both forms.
/// </summary>
public sealed class SampledSet
{
    private readonly byte[] _images;
    private readonly long[] _labels;

    private SampledSet(byte[] images, long[] labels, SampleProvenance provenance)
    {
        _images = images;
        _labels = labels;
        Provenance = provenance;
    }

    /// <summary>Where the samples come from.</summary>
    public SampleProvenance Provenance { get; }

    /// <summary>Puts samples and their provenance together.</summary>
    /// <param name="samples">Images N×C×H×W with classes from 0.</param>
    /// <param name="provenance">Their provenance; the hashes are filled in.</param>
    internal static SampledSet Of(ImageSet samples, SampleProvenance provenance) => Make(
        ChannelsLast(samples), [.. samples.Labels.Select(label => (long)provenance.Data.Labels[label])], provenance);

    /// <summary>The file or folder of a set exists already.</summary>
    public static bool Exists(string path) => File.Exists(path) || File.Exists(Path.Combine(path, "images.npy"));

    /// <summary>Where a set's provenance is.</summary>
    public static string ProvenancePath(string path) => IsArchive(path) ? Path.ChangeExtension(path, ".provenance.json") : Path.Combine(path, "provenance.json");

    /// <summary>Reads a set that was written by <see cref="Write"/>.</summary>
    /// <exception cref="DataException">A file is missing or damaged, or the arrays are not those that the provenance tells of.</exception>
    public static SampledSet Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var provenance = SampleProvenance.Read(ProvenancePath(path));
        var (images, labels) = IsArchive(path) ? FromArchive(path) : (Npy.Read(Path.Combine(path, "images.npy")), Npy.Read(Path.Combine(path, "labels.npy")));
        var set = new SampledSet(images.Elements<byte>(), labels.Elements<long>(), provenance);
        return Hash(set._images) == provenance.ImagesSha256 && LabelHash(set._labels) == provenance.LabelsSha256 && set._labels.Length == provenance.Count
            ? set
            : throw new DataException($"{path}: the images or labels are not those that {ProvenancePath(path)} tells of");
    }

    /// <summary>Puts the pieces of one set together.</summary>
    /// <param name="pieces">All pieces, in any order, with what to call each in messages.</param>
    /// <returns>The set as it would have come out in one piece.</returns>
    /// <exception cref="DataException">The pieces are of different sets, overlap, or some are missing.</exception>
    public static SampledSet Join(IReadOnlyList<(string Name, SampledSet Set)> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentOutOfRangeException.ThrowIfZero(pieces.Count, nameof(pieces));
        var ordered = pieces.OrderBy(piece => piece.Set.Provenance.From).ToArray();
        var (firstName, first) = ordered[0];
        var next = 0;
        foreach (var (name, set) in ordered)
        {
            if (set.Provenance.Common() != first.Provenance.Common())
                throw new DataException($"{name} and {firstName} are not pieces of one set: recipe, weights, seed, number per class, threads, device and LibTorch must be the same");
            if (set.Provenance.From != next)
            {
                throw new DataException(
                    set.Provenance.From > next
                        ? $"images {next} to {set.Provenance.From - 1} of the set are in none of the pieces"
                        : $"{name} begins at image {set.Provenance.From}, which another piece has too");
            }

            next += set.Provenance.Count;
        }

        var total = first.Provenance.Total;
        if (next != total)
            throw new DataException($"images {next} to {total - 1} of the set are in none of the pieces");
        byte[] images = [.. ordered.SelectMany(piece => piece.Set._images)];
        return Make(images, [.. ordered.SelectMany(piece => piece.Set._labels)], first.Provenance with { From = 0, Count = total });
    }

    /// <summary>Writes the set, each file whole or not at all, the provenance last.</summary>
    /// <param name="path">A folder, which is made, or a name that ends in <c>.npz</c>.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var shape = Provenance.Data;
        var images = NpyArray.Create(_images, _labels.Length, shape.Height, shape.Width, shape.Channels);
        var labels = NpyArray.Create(_labels);
        Directory.CreateDirectory(IsArchive(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path);
        if (IsArchive(path))
        {
            Npz.Write(path, ("images", images), ("labels", labels));
        }
        else
        {
            Npy.Write(Path.Combine(path, "images.npy"), images);
            Npy.Write(Path.Combine(path, "labels.npy"), labels);
        }

        AtomicFile.WriteAllText(ProvenancePath(path), Provenance.ToJson());
    }

    private static SampledSet Make(byte[] images, long[] labels, SampleProvenance provenance) => new(images, labels, provenance with
    {
        ImagesSha256 = Hash(images),
        LabelsSha256 = LabelHash(labels),
        Commands = Commands(provenance),
    });

    private static string[] Commands(SampleProvenance provenance)
    {
        var whole = provenance.Count == provenance.Total;
        return
        [
            "sio generate train recipe.yml --out RUN",
            ImageSet.Text($"sio generate sample RUN --per-class {provenance.PerClass} --seed {provenance.Seed} --out SET")
                + (whole ? string.Empty : ImageSet.Text($" --from {provenance.From} --count {provenance.Count}")),
        ];
    }

    private static bool IsArchive(string path) => path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);

    private static (NpyArray Images, NpyArray Labels) FromArchive(string path)
    {
        var arrays = Npz.Read(path);
        return arrays.TryGetValue("images", out var images) && arrays.TryGetValue("labels", out var labels)
            ? (images, labels)
            : throw new DataException($"{path}: has no arrays 'images' and 'labels'");
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string LabelHash(long[] labels)
    {
        var copy = labels.AsSpan().ToArray();
        if (!BitConverter.IsLittleEndian)
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(copy, copy);
        return Hash(MemoryMarshal.AsBytes<long>(copy));
    }

    private static byte[] ChannelsLast(ImageSet set)
    {
        var planes = set.PixelsFor("writing a set of samples");
        if (set.Channels == 1)
            return planes;
        var (pixels, area) = (new byte[planes.Length], set.Height * set.Width);
        for (var i = 0; i < set.Count; i++)
        {
            var from = set.Image(i);
            var to = pixels.AsSpan(i * set.ImageLength, set.ImageLength);
            for (var place = 0; place < from.Length; place++)
                to[(place % area * set.Channels) + (place / area)] = from[place];
        }

        return pixels;
    }
}
