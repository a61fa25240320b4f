using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class PngTests
{
    private const byte Grey = 0, Rgb = 2, Palette = 3, Rgba = 6;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 1)]
    [InlineData(3, 5, 3)]
    [InlineData(301, 7, 3)]
    public void What_is_written_is_read_again(int width, int height, int channels)
    {
        using var folder = new TempFolder();
        var pixels = new byte[width * height * channels];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(RandomStream.At(1, (ulong)i) >> 56);
        Png.Write(folder.File("a.png"), new Picture(width, height, channels, pixels));
        var read = Png.Read(folder.File("a.png"));
        Assert.Equal((width, height, channels), (read.Width, read.Height, read.Channels));
        Assert.Equal(pixels, read.Pixels);
        Assert.Equal(["a.png"], folder.Names());
    }

    [Fact]
    public void The_header_says_what_the_picture_is()
    {
        var file = Png.Encode(new Picture(2, 3, 3, new byte[18]));
        Assert.Equal("\u0089PNG\r\n\u001a\n", Encoding.Latin1.GetString(file, 0, 8));
        Assert.Equal([0, 0, 0, 2, 0, 0, 0, 3, 8, Rgb], file[16..26]);
    }

    [Fact]
    public void A_picture_becomes_the_same_bytes_each_time_and_nothing_that_says_how_colours_are_meant()
    {
        var picture = new Picture(40, 30, 3, [.. Enumerable.Range(0, 3600).Select(i => (byte)(i * i))]);
        var file = Png.Encode(picture);
        Assert.Equal(file, Png.Encode(picture));
        var types = new List<string>();
        for (var at = 8; at < file.Length; at += 12 + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at)))
            types.Add(Encoding.ASCII.GetString(file, at + 4, 4));
        Assert.Equal(["IHDR", "sBIT", "IDAT", "IEND"], types.Distinct());
    }

    [Fact]
    public void A_bit_that_is_wrong_in_any_chunk_is_found()
    {
        var whole = File(Rgb, 9, 9, [.. Enumerable.Range(0, 9 * 28).Select(i => (byte)(i % 28 == 0 ? 0 : i * 7))]);
        for (var at = 8; at < whole.Length - 4; at++) // behind the type of the end chunk only its checksum follows
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 16;
            Assert.Throws<DataException>(() => Png.Decode(damaged));
        }
    }

    [Fact]
    public void Files_made_by_the_standard_alone_are_read()
    {
        var grey = Png.Decode(File(Grey, 2, 2, [0, 10, 20, 0, 30, 40]));
        Assert.Equal(1, grey.Channels);
        Assert.Equal([10, 20, 30, 40], grey.Pixels);

        var rgb = Png.Decode(File(Rgb, 1, 2, [0, 1, 2, 3, 0, 4, 5, 6]));
        Assert.Equal(3, rgb.Channels);
        Assert.Equal([1, 2, 3, 4, 5, 6], rgb.Pixels);

        // The colours of transparent pixels stay as they are stored.
        var transparent = Png.Decode(File(Rgba, 2, 1, [0, 1, 2, 3, 0, 4, 5, 6, 128]));
        Assert.Equal(3, transparent.Channels);
        Assert.Equal([1, 2, 3, 4, 5, 6], transparent.Pixels);

        var palette = Png.Decode(File(Palette, 2, 1, [0, 1, 0], Chunk("PLTE", [9, 8, 7, 6, 5, 4])));
        Assert.Equal([6, 5, 4, 9, 8, 7], palette.Pixels);
    }

    [Fact]
    public void Damage_is_refused_with_the_files_name()
    {
        using var folder = new TempFolder();
        var whole = Png.Encode(new Picture(9, 9, 1, new byte[81]));
        foreach (var length in new[] { 0, 4, 20, 40, whole.Length / 2 })
            Refused(whole[..length]);
        var damaged = (byte[])whole.Clone();
        damaged[18] ^= 1; // the width no longer fits its checksum
        Refused(damaged);
        Refused(File(Grey, 900_000, 900_000, [0]));

        void Refused(byte[] content)
        {
            var error = Assert.Throws<DataException>(() => Png.Read(folder.Write("bad.png", content)));
            Assert.Contains("bad.png", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pictures_of_other_sizes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Picture(0, 1, 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Picture(1, 1, 2, new byte[2]));
        Assert.Throws<ArgumentException>(() => new Picture(2, 2, 1, new byte[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Png.Encode(new Picture(1_000_001, 1, 1, new byte[1_000_001])));
    }

    private static byte[] File(byte colour, int width, int height, byte[] rows, params byte[][] chunks)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, colour);
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(rows);
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. chunks.SelectMany(c => c), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content];
        var checksum = default(Crc32);
        checksum.Append(typed);
        var numbers = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(numbers, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(4), checksum.Value);
        return [.. numbers[..4], .. typed, .. numbers[4..]];
    }
}
