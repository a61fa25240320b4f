using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Decoding against PIL 9.4, and files that are not what they should be.</summary>
public sealed class ImageFileTests
{
    public static TheoryData<string> Names => [.. ImageFixtures.Files];

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_of_every_kind_have_the_pixels_that_PIL_gives_them(string name)
    {
        foreach (var (channels, key) in new[] { (3, "rgb"), (1, "l") })
        {
            var expected = ImageFixtures.Expected(name, key);
            var picture = ImageFile.Read(Path.Combine(ImageFixtures.Folder, name), channels);
            Assert.Equal((expected.Shape[0], expected.Shape[1], channels), (picture.Height, picture.Width, picture.Channels));
            var difference = picture.Pixels.Zip(expected.Elements<byte>(), (a, b) => Math.Abs(a - b)).Max();
            Assert.True(difference == 0, $"{name} {key}: differs by {difference}");
        }
    }

    [Fact]
    public void Channels_are_the_files_own_unless_asked_for()
    {
        Assert.Equal(3, ImageFile.Decode(ImageFixtures.Bytes("yuv420.jpg"), "a").Channels);
        Assert.Equal(3, ImageFile.Decode(ImageFixtures.Bytes("cmyk.jpg"), "a").Channels);
        Assert.Equal(1, ImageFile.Decode(ImageFixtures.Bytes("grey.jpg"), "a").Channels);
        Assert.Equal(1, ImageFile.Decode(ImageFixtures.Bytes("grey16.png"), "a").Channels);
        Assert.Equal(3, ImageFile.Decode(ImageFixtures.Bytes("palette1.png"), "a").Channels);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.Decode(ImageFixtures.Bytes("grey.jpg"), "a", 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Colours.WithChannels(ImageFixtures.Draw(2, 2, 1), 2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_file_is_refused_by_name(string name)
    {
        var whole = ImageFixtures.Bytes(name);
        var step = Math.Max(1, whole.Length / 40);
        foreach (var length in Enumerable.Range(0, whole.Length / step).Select(i => i * step).Concat([whole.Length - 2, whole.Length - 1]))
        {
            var error = Assert.Throws<DataException>(() => ImageFile.Decode(whole[..length], "some/" + name));
            Assert.StartsWith("some/" + name, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_bits_are_wrong_a_file_is_read_or_refused(string name)
    {
        var whole = ImageFixtures.Bytes(name);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 60; round++)
        {
            var random = RandomStream.For(1, name, round);
            var copy = (byte[])whole.Clone();
            for (var i = random.NextInt(6); i >= 0; i--)
                copy[random.NextInt(copy.Length)] ^= (byte)(1 << random.NextInt(8));
            // Some runs of bytes go missing or come twice, as they do on bad disks.
            if (round % 3 == 0)
            {
                var at = random.NextInt(copy.Length);
                var length = Math.Min(copy.Length - at, random.NextInt(64));
                copy = round % 2 == 0 ? [.. copy[..at], .. copy[(at + length)..]] : [.. copy[..(at + length)], .. copy[at..]];
            }

            try
            {
                // A size that was changed may be as large as is allowed, which takes a while to decode and tells nothing more.
                if (ClaimsMuch(copy))
                    continue;
                var picture = ImageFile.Decode(copy, name, 3);
                Assert.Equal(picture.Width * picture.Height * 3, picture.Pixels.Length);
                read++;
            }
            catch (DataException e)
            {
                Assert.StartsWith(name, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(refused > 0 && read + refused > 30, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Decompression_bombs_are_refused_before_their_memory_is_taken()
    {
        var before = GC.GetTotalAllocatedBytes();
        var jpeg = ImageFixtures.Bytes("progressive.jpg");
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC2]);
        (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7], jpeg[frame + 8]) = (0xFF, 0xDC, 0xFF, 0xDC); // 65,500 × 65,500
        Refused(jpeg, "65500×65500 pixels");

        // Five hundred scans and more of nothing keep a decoder busy for minutes per kilobyte.
        var scans = ImageFixtures.Bytes("progressive.jpg");
        var last = scans.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] many = [.. scans[..last], .. Enumerable.Repeat(scans[last..^2], 600).SelectMany(scan => scan), 0xFF, 0xD9];
        Refused(many, "scans");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 30_000_000);

        static void Refused(byte[] file, string because)
        {
            var error = Assert.Throws<DataException>(() => ImageFile.Decode(file, "bomb"));
            Assert.StartsWith("bomb: ", error.Message, StringComparison.Ordinal);
            Assert.Contains(because, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_PIL_passes_over_is_passed_over()
    {
        var whole = ImageFixtures.Bytes("yuv444.jpg");
        var pixels = ImageFile.Decode(whole, "whole").Pixels;
        Assert.Equal(pixels, ImageFile.Decode([.. whole, .. "left behind by a camera"u8], "a").Pixels);
        Assert.Equal(pixels, ImageFile.Decode([.. whole[..^2], 1, 2, 3, .. whole[^2..]], "a").Pixels);
        // A second picture behind the first, cut off in its scan: the first is whole.
        Assert.Equal(pixels, ImageFile.Decode([.. whole, .. whole[..^40]], "a").Pixels);
    }

    [Theory]
    [InlineData("II*\0", "is a TIFF file")]
    [InlineData("\0\0\0\u000cjP  ", "is a JPEG 2000 file")]
    [InlineData("\0\0\0 ftypavif", "is an AVIF, HEIF or MP4 file")]
    [InlineData("RIFF....WAVEfmt ", "begins with 52494646")]
    [InlineData("<!DOCTYPE html>", "holds text (HTML or XML) in place of an image")]
    [InlineData("", "is empty")]
    [InlineData("abcdef", "begins with 61626364")]
    public void Other_formats_are_refused_by_name(string content, string what)
    {
        using var folder = new TempFolder();
        var path = folder.Write("a.jpg", System.Text.Encoding.Latin1.GetBytes(content));
        var error = Assert.Throws<DataException>(() => ImageFile.Read(path));
        Assert.Equal($"{path}: {what}, a JPEG, PNG, WebP, GIF or BMP file was expected.", error.Message);
        Assert.Contains("not found", Assert.Throws<DataException>(() => ImageFile.Read(folder.File("none.png"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GIF89a", "truncated")]
    [InlineData("BM??????", "truncated")]
    [InlineData("BM says the text that goes on for longer than a header", "its header is damaged")]
    [InlineData("RIFF....WEBPVP8 ", "truncated")]
    [InlineData("RIFF\u0008\0\0\0WEBPVP8 ", "its header is damaged")]
    public void What_only_begins_as_a_picture_is_refused(string content, string what)
    {
        using var folder = new TempFolder();
        var path = folder.Write("a.jpg", System.Text.Encoding.Latin1.GetBytes(content));
        var error = Assert.Throws<DataException>(() => ImageFile.Read(path));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void What_a_file_holds_counts_and_not_its_name()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "yuv444.jpg", "rgb8.png", "lossless.webp", "palette.gif", "rgb.bmp" })
        {
            var picture = ImageFile.Read(folder.Write("a.png", ImageFixtures.Bytes(name)));
            Assert.Equal(ImageFile.Decode(ImageFixtures.Bytes(name), name).Pixels, picture.Pixels);
        }
    }

    private static bool ClaimsMuch(byte[] file)
    {
        long width, height;
        if (Png.IsOne(file) && file.Length > 24)
        {
            width = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(16));
            height = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(20));
        }
        else
        {
            var frame = Enumerable.Range(0, Math.Max(0, file.Length - 9)).FirstOrDefault(i => file[i] == 0xFF && file[i + 1] is (0xC0 or 0xC1 or 0xC2 or 0xC9), -1);
            if (frame < 0)
                return false;
            height = (file[frame + 5] << 8) | file[frame + 6];
            width = (file[frame + 7] << 8) | file[frame + 8];
        }

        return width * height is > 1_000_000 and <= ImageFile.MaxPixels;
    }
}
