using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Sio.Data;
using Sio.Data.Shards;

namespace Sio.Tests.Data;

public sealed class ShardSetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_come_in_order_from_any_shard_on()
    {
        Write("s-0.tar", ("./a/1.jpg", "one"), ("./a/1.cls", "7\n"), ("a/2.json", """{"caption": "x", "label": 3}"""), ("a/2.png", "two"));
        Write("s-1.tar", ("b/1.v2.JPEG", "x"), ("readme", "no sample"), ("b/2.jpg", "three"), ("b/3.jpg", "four"), ("b/3.txt", "a text"), ("b/3.json", """{"cls": 0}"""));
        using (var packed = new GZipStream(File.Create(_folder.File("s-2.tar.gz")), CompressionLevel.Fastest))
            Write(packed, [("c.jpg", "five"), ("c.cls", "1")]);
        var set = ShardSet.Expand(_folder.Path);
        string[] expected = ["a/1 jpg one 7", "a/2 png two 3", "b/2 jpg three ", "b/3 jpg four 0", "c jpg five 1"];
        Assert.Equal(expected, Read(set, 0));
        Assert.Equal(expected, Read(set, 0));
        Assert.Equal(expected[2..], Read(set, 1));
        Assert.Equal(expected[4..], Read(set, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(set, 3));
    }

    [Fact]
    public void Ranges_name_shards()
    {
        Assert.Equal(["t-008.tar", "t-009.tar", "t-010.tar"], ShardSet.Expand("t-{008..010}.tar").Shards);
        Assert.Equal(["t.tar"], ShardSet.Expand("t.tar").Shards);
        Assert.Contains("a range such as", Assert.Throws<DataException>(() => ShardSet.Expand("t-{5..3}.tar")).Message, StringComparison.Ordinal);
        Assert.Contains("has no shards", Assert.Throws<DataException>(() => ShardSet.Expand(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("none.tar: not found", Refused(_folder.File("none.tar")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.cls", "seven", "'a.cls': holds no label")]
    [InlineData("a.json", "{", "'a.json': holds no label")]
    [InlineData("a.json", "{\"label\": \"x\"}", "'a.json': holds no label")]
    [InlineData("a.png", "second", "two images")]
    [InlineData("b.cls", "1", "'b' has a label and no image")]
    public void Samples_that_make_no_sense_are_refused(string name, string text, string expected)
    {
        Write("s.tar", ("a.jpg", "one"), (name, text));
        var message = Refused(_folder.File("s.tar"));
        Assert.StartsWith(_folder.File("s.tar"), message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_cut_off_anywhere_are_refused()
    {
        Write("s.tar", [.. Enumerable.Range(0, 6).Select(i => ($"{i}.jpg", new string('x', 700)))]);
        var whole = File.ReadAllBytes(_folder.File("s.tar"));
        for (var length = 0; length <= whole.Length - 1024; length += 512)
        {
            File.WriteAllBytes(_folder.File("s.tar"), whole[..length]);
            Assert.StartsWith(_folder.File("s.tar"), Refused(_folder.File("s.tar")), StringComparison.Ordinal);
        }
    }

    /// <summary>A size in base 256 that is below zero, as the header of a hostile archive has it.</summary>
    [Fact]
    public void A_size_that_overflows_is_refused()
    {
        using var folder = new TempFolder();
        var header = new byte[1024];
        "0.png"u8.CopyTo(header);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        ReadOnlySpan<byte> size = [0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        size.CopyTo(header.AsSpan(123));
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header[156] = (byte)'0';
        header.AsSpan(148, 8).Fill((byte)' ');
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(header[..512].Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        var path = folder.File("overflow.tar");
        File.WriteAllBytes(path, header);
        Assert.StartsWith(path, Assert.Throws<DataException>(() => new ShardSet([path]).Index()).Message, StringComparison.Ordinal);
        Assert.StartsWith(path, Assert.Throws<DataException>(() => new ShardSet([path]).Read(sample => sample).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_bounded_by_one_sample()
    {
        // 200 images of 1 MB; half of that may never be in memory at once.
        var path = _folder.File("big.tar");
        using (var tar = new TarWriter(File.Create(path)))
        {
            for (var i = 0; i < 200; i++)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i:D4}.jpg") { DataStream = new MemoryStream(new byte[1 << 20]) });
        }

        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        var count = 0;
        foreach (var length in new ShardSet([path]).Read(sample => sample.Image.Length))
        {
            Assert.Equal(1 << 20, length);
            if (++count % 50 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(200, count);
        Assert.InRange(most, 0, 20 << 20);
        Assert.Contains("at most 1000 were expected", Assert.Throws<DataException>(() => new ShardSet([path]) { MaxImageBytes = 1000 }.Read(s => s).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiny_ImageNet_is_read_in_the_order_of_its_lists()
    {
        var root = _folder.File("tiny-imagenet-200");
        foreach (var (file, text) in new[]
        {
            ("wnids.txt", "n02\nn01\n"), ("train/n01/images/n01_0.JPEG", "t10"), ("train/n02/images/n02_1.JPEG", "t21"), ("train/n02/images/n02_0.JPEG", "t20"),
            ("val/images/val_1.JPEG", "v1"), ("val/images/val_0.JPEG", "v0"), ("val/val_annotations.txt", "val_0.JPEG\tn01\t0\t0\t9\t9\nval_1.JPEG\tn02\t0\t0\t9\t9\n"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.WriteAllText(Path.Combine(root, file), text);
        }

        Assert.Equal(["train/n02/images/n02_0 jpeg t20 0", "train/n02/images/n02_1 jpeg t21 0", "train/n01/images/n01_0 jpeg t10 1"], TinyImageNet.Read(Split.Train, Text, _folder.Path));
        Assert.Equal(["val/images/val_0 jpeg v0 1", "val/images/val_1 jpeg v1 0"], TinyImageNet.Read(Split.Test, Text, root));
        File.AppendAllText(Path.Combine(root, "val/val_annotations.txt"), "../x.JPEG\tn01\n");
        Assert.Contains("leads out of its folder", Assert.Throws<DataException>(() => TinyImageNet.Read(Split.Test, Text, root).Count()).Message, StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(root, "wnids.txt"), "n01\n");
        Assert.Contains("names a class twice", Assert.Throws<DataException>(() => TinyImageNet.ClassIds(root)).Message, StringComparison.Ordinal);
    }

    private static string Text(ShardSample sample) => $"{sample.Key} {sample.Extension} {Encoding.UTF8.GetString(sample.Image.Span)} {sample.Label}";

    private static string[] Read(ShardSet set, int from) => [.. set.Read(Text, from)];

    private static string Refused(string path) => Assert.Throws<DataException>(() => new ShardSet([path]).Read(sample => sample).Count()).Message;

    private void Write(string name, params (string Name, string Text)[] files)
    {
        using var file = File.Create(_folder.File(name));
        Write(file, files);
    }

    private static void Write(Stream stream, (string Name, string Text)[] files)
    {
        using var tar = new TarWriter(stream);
        foreach (var (name, text) in files)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
    }
}
