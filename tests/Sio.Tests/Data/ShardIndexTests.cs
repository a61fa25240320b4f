using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Shards;
using Sio.Tests.Data.Images;

namespace Sio.Tests.Data;

public sealed class ShardIndexTests : IDisposable
{
    private static readonly byte[] s_long = Encoding.UTF8.GetBytes(new string('y', 1500));
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_by_their_place_are_those_read_one_after_the_other()
    {
        Write("s-0.tar", ("./a/1.jpg", "one"u8.ToArray()), ("./a/1.cls", "7\n"u8.ToArray()), ("a/2.json", """{"label": 3}"""u8.ToArray()), ("a/2.png", s_long));
        Write("s-1.tar", ("b/1.v2.JPEG", "x"u8.ToArray()), ("readme", "none"u8.ToArray()), ("b/2.jpg", "three"u8.ToArray()), ("b/2.txt", s_long),
            ($"{new string('d', 90)}/{new string('f', 90)}.jpg", "a long name"u8.ToArray()));
        var set = ShardSet.Expand(_folder.Path);
        var expected = set.Read(sample => (sample.Key, sample.Extension, Encoding.UTF8.GetString(sample.Image.Span), sample.Label)).ToArray();
        var index = set.Index();
        Assert.Equal(4, index.Count);
        Assert.Equal(expected, index.Select(entry => (entry.Key, entry.Extension, Encoding.UTF8.GetString(set.ReadImage(entry)), entry.Label)));
        Assert.Equal(expected.Reverse(), index.Reverse().Select(entry => (entry.Key, entry.Extension, Encoding.UTF8.GetString(set.ReadImage(entry)), entry.Label)));
        Assert.Equal([0, 0, 1, 1], index.Select(entry => entry.Shard));
    }

    [Fact]
    public void Compressed_shards_are_refused_by_name()
    {
        using (var packed = new GZipStream(File.Create(_folder.File("s.tar.gz")), CompressionLevel.Fastest))
            Write(packed, [("a.jpg", "one"u8.ToArray())]);
        File.Copy(_folder.File("s.tar.gz"), _folder.File("t.tar"));
        foreach (var name in new[] { "s.tar.gz", "t.tar" })
        {
            var message = Refused(name);
            Assert.StartsWith($"{_folder.File(name)}: is compressed", message, StringComparison.Ordinal);
            Assert.Contains("in any order, which only an uncompressed .tar allows", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damaged_shards_are_refused_and_named()
    {
        Write("s.tar", [.. Enumerable.Range(0, 4).Select(i => ($"{i}.jpg", new byte[] { 1, 2, 3 })), ("4.jpg", new byte[700])]);
        var whole = File.ReadAllBytes(_folder.File("s.tar"));
        for (var length = 0; length <= whole.Length - 1024; length += 256)
        {
            File.WriteAllBytes(_folder.File("s.tar"), whole[..length]);
            Assert.StartsWith(_folder.File("s.tar"), Refused("s.tar"), StringComparison.Ordinal);
        }

        Write("two.tar", ("a.jpg", [1]), ("a.png", [2]));
        Assert.Contains("two images", Refused("two.tar"), StringComparison.Ordinal);
        Write("label.tar", ("a.jpg", [1]), ("a.cls", "seven"u8.ToArray()));
        Assert.Contains("'a.cls': holds no label", Refused("label.tar"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("no.tar"), new string('x', 3000));
        Assert.StartsWith(_folder.File("no.tar"), Refused("no.tar"), StringComparison.Ordinal);
        Assert.Contains("none.tar: not found", Refused("none.tar"), StringComparison.Ordinal);
        Write("large.tar", ("a.jpg", new byte[2000]));
        Assert.Contains("at most 1000", Assert.Throws<DataException>(() => new ShardSet([_folder.File("large.tar")]) { MaxImageBytes = 1000 }.Index()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_shards_are_those_of_the_same_files_in_a_folder()
    {
        var names = new[] { "yuv420.jpg", "grey.jpg", "palette8.png", "cmyk.jpg", "rgb16.png" };
        var folder = Directory.CreateDirectory(_folder.File("files")).FullName;
        foreach (var (i, name) in names.Index())
            File.WriteAllBytes(Path.Combine(folder, $"{i}{Path.GetExtension(name)}"), ImageFixtures.Bytes(name));
        var files = names.Index().Select(entry => new[] { ($"{entry.Index}{Path.GetExtension(entry.Item)}", ImageFixtures.Bytes(entry.Item)), ($"{entry.Index}.cls", Encoding.ASCII.GetBytes($"{entry.Index % 3}")) }).ToArray();
        Write("s-0.tar", [.. files[..2].SelectMany(pair => pair)]);
        Write("s-1.tar", [.. files[2..].SelectMany(pair => pair)]);
        var shards = ShardSet.Expand(_folder.File("s-{0..1}.tar"));
        var preparation = ImagePreparation.Square(10, 14);
        var told = new List<string>();
        var streamed = ImageSets.Open(shards, "set", preparation, memoryLimit: 1499, threads: 2, tell: told.Add);
        Assert.Single(told);
        var inMemory = ImageSets.Open(shards, "set", preparation, memoryLimit: 1500, tell: told.Add);
        Assert.Equal((1, true, false, 3), (told.Count, streamed.IsStreamed, inMemory.IsStreamed, streamed.ClassCount));
        var expected = ImageFolder.Load(ImageListing.FromFolder(folder), "files", preparation);
        Assert.Equal(expected.Pixels, inMemory.Pixels);
        Assert.Equal([0, 1, 2, 0, 1], streamed.Labels);
        for (var i = 0; i < 5; i++)
            Assert.Equal(expected.Image(i).ToArray(), streamed.Image(i).ToArray());
        Assert.Equal(_folder.File("s-1.tar") + ": 2.png", streamed.LocationOf(2));

        var (crop, own, other) = (new RandomResizedCrop(), new byte[300], new byte[300]);
        streamed.CopyCrop(1, crop, RandomStream.For(1, "x"), own);
        ImageSets.Open(ImageListing.FromFolder(folder), "files", preparation, memoryLimit: 0).CopyCrop(1, crop, RandomStream.For(1, "x"), other);
        Assert.Equal(other, own);
        Assert.Equal(streamed.ContentHash, ImageSets.Open(shards, "other", preparation, memoryLimit: 0).ContentHash);

        File.WriteAllBytes(_folder.File("s-1.tar"), File.ReadAllBytes(_folder.File("s-1.tar"))[..1024]);
        Assert.StartsWith(_folder.File("s-1.tar"), Assert.Throws<DataException>(() => streamed.Image(2).ToArray()).Message, StringComparison.Ordinal);
        File.Delete(_folder.File("s-0.tar"));
        Assert.StartsWith(_folder.File("s-0.tar"), Assert.Throws<DataException>(() => streamed.Image(0).ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_for_all_images_or_for_none()
    {
        var image = ImageFixtures.Bytes("grey.jpg");
        Write("some.tar", ("a.jpg", image), ("a.cls", "1"u8.ToArray()), ("b.jpg", image));
        Assert.Contains("some.tar: b.jpg: has no label", Refuse("some.tar"), StringComparison.Ordinal);
        Write("high.tar", ("a.jpg", image), ("a.cls", "3"u8.ToArray()));
        Assert.Contains("has the label 3, -1 to 1 was expected", Refuse("high.tar", classes: 2), StringComparison.Ordinal);
        Write("empty.tar", ("a.txt", [1]));
        Assert.Contains("empty.tar: has no images.", Refuse("empty.tar"), StringComparison.Ordinal);
        Write("damaged.tar", ("a.jpg", [1, 2, 3]));
        Assert.Contains("damaged.tar: a.jpg: begins with 010203", Refuse("damaged.tar"), StringComparison.Ordinal);
        Write("ood.tar", ("a.jpg", image), ("b.jpg", image));
        var set = Open("ood.tar");
        Assert.Equal([-1, -1], set.Labels);
        Assert.Equal(0, set.ClassCount);

        ImageSet Open(string name, int? classes = null) => ImageSets.Open(new ShardSet([_folder.File(name)]), "set", ImagePreparation.Square(8), classes);

        string Refuse(string name, int? classes = null) => Assert.Throws<DataException>(() => Open(name, classes)).Message;
    }

    [Fact]
    public void An_image_that_a_shard_has_twice_is_told_with_the_count()
    {
        var image = ImageFixtures.Bytes("grey.jpg");
        List<string> told = [];
        Write("once.tar", ("a.jpg", image), ("b.jpg", image));
        ImageSets.Open(new ShardSet([_folder.File("once.tar")]), "once", ImagePreparation.Square(8), tell: told.Add);
        Assert.Empty(told);
        Write("twice.tar", ("a.jpg", image), ("b.jpg", image), ("a.jpg", image), ("b.jpg", image), ("c.jpg", image));
        Assert.Equal(5, ImageSets.Open(new ShardSet([_folder.File("twice.tar")]), "twice", ImagePreparation.Square(8), tell: told.Add).Count);
        Assert.Contains("2 images of its shards are there twice", Assert.Single(told), StringComparison.Ordinal);
    }

    private string Refused(string name) => Assert.Throws<DataException>(() => new ShardSet([_folder.File(name)]).Index()).Message;

    private void Write(string name, params (string Name, byte[] Content)[] files)
    {
        using var file = File.Create(_folder.File(name));
        Write(file, files);
    }

    private static void Write(Stream stream, (string Name, byte[] Content)[] files)
    {
        using var tar = new TarWriter(stream);
        foreach (var (name, content) in files)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
    }
}
