using Sio.Data;

namespace Sio.Tests.Data;

public sealed class IdxTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reads_labels_and_images(bool gzipped)
    {
        using var folder = new TempFolder();
        var labels = folder.Write("l", Packed(IdxFiles.Labels(3, 1, 4), gzipped));
        var images = folder.Write("i", Packed(IdxFiles.Images(2, 3, 4), gzipped));
        Assert.Equal([3, 1, 4], Idx.ReadLabels(labels));
        var read = Idx.ReadImages(images);
        Assert.Equal((2, 3, 4), (read.Count, read.Height, read.Width));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (byte)i), read.Pixels);
        Assert.Equal(read.Pixels, Idx.ReadImages(new PipeLikeStream(File.ReadAllBytes(images))).Pixels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Empty_sets_are_read(bool gzipped)
    {
        Assert.Empty(Idx.ReadLabels(new MemoryStream(Packed(IdxFiles.Labels(), gzipped))));
        Assert.Equal(0, Idx.ReadImages(new MemoryStream(Packed(IdxFiles.Images(0, 28, 28), gzipped))).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncated_anywhere_is_refused(bool gzipped)
    {
        Properties.RefusesEveryTruncation(Packed(IdxFiles.Labels(1, 2, 3), gzipped), s => Idx.ReadLabels(s));
        Properties.RefusesEveryTruncation(Packed(IdxFiles.Images(2, 2, 3), gzipped), s => Idx.ReadImages(s));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Changed_bytes_never_escape_as_other_exceptions(bool gzipped)
    {
        Properties.SurvivesMutations(Packed(IdxFiles.Labels(1, 2, 3), gzipped), s => Idx.ReadLabels(s));
        Properties.SurvivesMutations(Packed(IdxFiles.Images(2, 2, 3), gzipped), s => Idx.ReadImages(s));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refuses_wrong_content(bool gzipped)
    {
        Refused("begins with 00000803, 00000801 was expected", IdxFiles.Images(1, 2, 2), s => Idx.ReadLabels(s));
        Refused("begins with 00000801, 00000803 was expected", IdxFiles.Labels(1), s => Idx.ReadImages(s));
        Refused("begins with 00000D01", [0, 0, 0x0D, 1, 0, 0, 0, 1, 1, 2, 3, 4], s => Idx.ReadLabels(s));
        Refused("3 bytes (3) expected after the header", [.. IdxFiles.Labels(1, 2, 3), 4], s => Idx.ReadLabels(s));
        Refused("dimension 2 is 0", IdxFiles.Images(1, 0, 2), s => Idx.ReadImages(s));
        Refused("out of range", [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], s => Idx.ReadImages(s));
        Refused("expected after the header", [0, 0, 8, 1, 0x7F, 0, 0, 0, 1], s => Idx.ReadLabels(s));

        void Refused(string expected, byte[] file, Action<Stream> read)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<DataException>(() => read(new MemoryStream(Packed(file, gzipped))));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        }
    }

    [Fact]
    public void Bytes_after_a_gzip_file_are_refused() =>
        Assert.Throws<DataException>(() => Idx.ReadLabels(new MemoryStream([.. IdxFiles.Gzip(IdxFiles.Labels(1, 2)), 0])));

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.StartsWith("/no/such/file: not found", Assert.Throws<DataException>(() => Idx.ReadLabels("/no/such/file")).Message, StringComparison.Ordinal);

    private static byte[] Packed(byte[] content, bool gzipped) => gzipped ? IdxFiles.Gzip(content) : content;
}
