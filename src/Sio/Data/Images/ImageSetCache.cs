using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sio.Data.Images;

/// <summary>
/// Keeps decoded sets on the disk, so that a folder of images is decoded once. A set is found by the names, labels, sizes and times of its files and by what was done to the
/// pictures; where any of them changes it is decoded anew. Files hold the pixels and <see cref="ImageSet.ContentHash"/>, and one that no longer fits its hash is not used.
/// The folder may be deleted at any time.
/// </summary>
public sealed class ImageSetCache
{
    private const int HeaderLength = 64 + (4 * sizeof(int));

    private readonly Action<string>? _tell;

    /// <summary>Uses a folder.</summary>
    /// <param name="folder">The folder, made when the first set is kept; null for <see cref="DefaultFolder"/>.</param>
    /// <param name="tell">Is told on one line of a damaged file and of one that could not be written; neither stops anything.</param>
    public ImageSetCache(string? folder = null, Action<string>? tell = null) => (Folder, _tell) = (folder ?? DefaultFolder, tell);

    /// <summary><c>images</c> in the folder that the environment names: <c>SIO_CACHE</c>, or <c>sio</c> in <c>XDG_CACHE_HOME</c>, or <c>~/.cache/sio</c>.</summary>
    public static string DefaultFolder
    {
        get
        {
            var own = Environment.GetEnvironmentVariable("SIO_CACHE");
            if (string.IsNullOrEmpty(own))
                own = Path.Combine(CacheFolder.Of(Environment.GetEnvironmentVariable, CacheFolder.Home, "SIO_CACHE"), "sio");
            return Path.Combine(own, "images");
        }
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What a set is found by, in 64 hexadecimal digits.</summary>
    /// <param name="listing">Its images.</param>
    /// <param name="preparation">What is done to them.</param>
    /// <exception cref="DataException">An image is missing.</exception>
    internal static string Key(ImageListing listing, ImagePreparation preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"sio-decoded-images 2\n{preparation.Text}\n"));
        foreach (var image in listing.Images)
        {
            var file = new FileInfo(Path.Combine(listing.Root, image.Path));
            if (!file.Exists)
                throw listing.Missing();
            hash.AppendData(Encoding.UTF8.GetBytes(ImageSet.Text($"{image.Path}\0{image.Label}\0{file.Length}\0{file.LastWriteTimeUtc.Ticks}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A set that was kept, or null if there is none or its file is damaged.</summary>
    internal ImageSet? TryRead(string key, ImageListing listing, string name)
    {
        var path = PathOf(key);
        if (!File.Exists(path))
            return null;
        try
        {
            return DataFile.Read(path, stream => Read(stream, path, listing, name));
        }
        catch (DataException e)
        {
            _tell?.Invoke($"{e.Message} The images are decoded again.");
            return null;
        }
    }

    /// <summary>Keeps a set. A folder that cannot be written to costs the time of decoding again, nothing else.</summary>
    internal void Write(string key, ImageSet set)
    {
        var path = PathOf(key);
        try
        {
            Directory.CreateDirectory(Folder);
            AtomicFile.Write(path, stream =>
            {
                var header = new byte[HeaderLength];
                Encoding.ASCII.GetBytes(set.ContentHash, header);
                foreach (var (i, value) in new[] { set.Count, set.Channels, set.Height, set.Width }.Index())
                    BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(64 + (i * sizeof(int))), value);
                stream.Write(header);
                stream.Write(set.Pixels);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _tell?.Invoke($"The decoded images of '{set.Name}' cannot be kept for the next time: {DataFile.OneLine(e.Message)}.");
        }
    }

    private static ImageSet Read(Stream stream, string path, ImageListing listing, string name)
    {
        var header = new byte[HeaderLength];
        DataFile.ReadExactly(stream, header, path, "header");
        var sizes = Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(64 + (i * sizeof(int))))).ToArray();
        var length = stream.Length - HeaderLength;
        if (sizes[0] != listing.Images.Count || sizes[1..].Any(size => size < 1) || length > Array.MaxLength || sizes.Aggregate((Int128)1, (product, size) => product * size) != length)
            throw Damaged(path);
        var pixels = GC.AllocateUninitializedArray<byte>((int)length);
        DataFile.ReadExactly(stream, pixels, path, "pixels");
        var set = ImageFolder.Labelled(listing, name, pixels, sizes[1], sizes[2], sizes[3]);
        return set.ContentHash == Encoding.ASCII.GetString(header, 0, 64) ? set : throw Damaged(path);
    }

    private static DataException Damaged(string path) => new($"{path}: this file of decoded images is damaged.");

    private string PathOf(string key) => Path.Combine(Folder, key + ".sio-images");
}
