using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

public sealed class ImageSetCacheTests : IDisposable
{
    private readonly ImageTree _tree = new();
    private readonly List<string> _told = [];
    private readonly ImageSetCache _cache;

    public ImageSetCacheTests()
    {
        for (var i = 0; i < 6; i++)
            _tree.WritePng($"images/{(i < 3 ? "a" : "b")}/{i}.png", (byte)(10 * i));
        _cache = new ImageSetCache(_tree.Path("cache"), _told.Add);
    }

    public void Dispose() => _tree.Dispose();

    private string[] Kept => Directory.Exists(_cache.Folder) ? Directory.GetFiles(_cache.Folder) : [];

    [Fact]
    public void The_second_time_no_image_is_decoded()
    {
        var first = Load();
        Spoil("images/a/1.png");
        var second = Load("another name");
        Assert.Equal((first.ContentHash, "another name"), (second.ContentHash, second.Name));
        Assert.Equal(first.ClassNames, second.ClassNames);
        Assert.Equal(first.Pixels, second.Pixels);
        Assert.Single(Kept);
        Assert.Empty(_told);

        // The proof that the file was really spoilt, and that without a cache it is read.
        Assert.Throws<DataException>(() => ImageFolder.Load(ImageListing.FromClassFolders(_tree.Path("images")), "a"));
    }

    [Fact]
    public void A_changed_name_label_size_time_or_setting_is_another_set()
    {
        var hash = Load().ContentHash;
        File.SetLastWriteTimeUtc(_tree.Path("images/a/1.png"), new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(hash, Load().ContentHash);
        Assert.Equal(2, Kept.Length);

        _tree.WritePng("images/a/1.png", 99);
        Assert.NotEqual(hash, Load().ContentHash);
        File.Move(_tree.Path("images/a/1.png"), _tree.Path("images/a/9.png"));
        Load();
        Directory.Move(_tree.Path("images/a"), _tree.Path("images/c"));
        Assert.Equal([0, 0, 0, 1, 1, 1], Load().Labels);
        Assert.Equal(5, Kept.Length);
        Assert.Equal(2, Load(preparation: new ImagePreparation { Crop = 2 }).Width);
        Assert.Equal(1, Load(preparation: new ImagePreparation { Channels = 1 }).Channels);
        Assert.Equal(7, Kept.Length);

        // Another root with the same files is the same set.
        Directory.Move(_tree.Path("images"), _tree.Path("moved"));
        ImageFolder.Load(ImageListing.FromClassFolders(_tree.Path("moved")), "a", cache: _cache);
        Assert.Equal(7, Kept.Length);
        Assert.Empty(_told);
    }

    [Fact]
    public void A_damaged_file_is_told_of_and_made_again()
    {
        var hash = Load().ContentHash;
        var path = Kept.Single();
        var whole = File.ReadAllBytes(path);
        foreach (var at in new[] { 0, 64, 70, 79, 80, whole.Length - 1 })
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 1;
            Recovers(damaged);
        }

        foreach (var length in new[] { 0, 10, 80, whole.Length - 1 })
            Recovers(whole[..length]);
        Recovers([.. whole, 0]);

        void Recovers(byte[] content)
        {
            _told.Clear();
            File.WriteAllBytes(path, content);
            Assert.Equal(hash, Load().ContentHash);
            Assert.StartsWith(path + ": ", Assert.Single(_told), StringComparison.Ordinal);
            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_stops_nothing()
    {
        var cache = new ImageSetCache(_tree.Write("a file", []), _told.Add);
        var listing = ImageListing.FromClassFolders(_tree.Path("images"));
        Assert.Equal(6, ImageFolder.Load(listing, "mine", cache: cache).Count);
        Assert.StartsWith("The decoded images of 'mine' cannot be kept for the next time: ", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_is_the_environments()
    {
        using var _ = new Variables("SIO_CACHE", "XDG_CACHE_HOME");
        Environment.SetEnvironmentVariable("SIO_CACHE", "/big/disk");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", "/caches");
        Assert.Equal("/big/disk/images", ImageSetCache.DefaultFolder);
        Environment.SetEnvironmentVariable("SIO_CACHE", null);
        Assert.Equal("/caches/sio/images", ImageSetCache.DefaultFolder);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", "relative");
        Assert.EndsWith("/.cache/sio/images", ImageSetCache.DefaultFolder, StringComparison.Ordinal);
    }

    private ImageSet Load(string name = "mine", ImagePreparation? preparation = null) =>
        ImageFolder.Load(ImageListing.FromClassFolders(_tree.Path("images")), name, preparation, _cache);

    /// <summary>Makes an image unreadable, with the size and time that it had.</summary>
    private void Spoil(string path)
    {
        var file = new FileInfo(_tree.Path(path));
        var (length, time) = (file.Length, file.LastWriteTimeUtc);
        File.WriteAllBytes(file.FullName, new byte[length]);
        File.SetLastWriteTimeUtc(file.FullName, time);
    }

    /// <summary>Puts environment variables back.</summary>
    private sealed class Variables(params string[] names) : IDisposable
    {
        private readonly string?[] _values = [.. names.Select(Environment.GetEnvironmentVariable)];

        public void Dispose()
        {
            for (var i = 0; i < names.Length; i++)
                Environment.SetEnvironmentVariable(names[i], _values[i]);
        }
    }
}
