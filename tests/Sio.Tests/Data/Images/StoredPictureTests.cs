using Sio.Data;
using Sio.Data.Images;
using SkiaSharp;

namespace Sio.Tests.Data.Images;

/// <summary>Parts of files and of resized pictures are what is cut out of the whole.</summary>
public sealed class StoredPictureTests
{
    public static TheoryData<string> Names => [.. ImageFixtures.Files];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parts_of_a_file_are_cut_out_of_the_whole(string name) => CheckParts(ImageFixtures.Bytes(name), name, 12);

    [Theory]
    [InlineData(SKJpegEncoderDownsample.Downsample420)]
    [InlineData(SKJpegEncoderDownsample.Downsample422)]
    [InlineData(SKJpegEncoderDownsample.Downsample444)]
    public void Parts_of_a_JPEG_file_of_many_blocks_are_cut_out_of_the_whole(SKJpegEncoderDownsample downsample) =>
        CheckParts(Encode(Noise(211, 145), downsample), downsample.ToString(), 150);

    [Theory]
    [InlineData(Resampling.Bilinear, 3)]
    [InlineData(Resampling.Bicubic, 3)]
    [InlineData(Resampling.Nearest, 3)]
    [InlineData(Resampling.Bilinear, 1)]
    public void Parts_of_a_resized_picture_are_cut_out_of_the_whole(Resampling resampling, int channels)
    {
        var random = RandomStream.For(1, "parts", channels, (int)resampling);
        for (var round = 0; round < 60; round++)
        {
            var picture = Noise(1 + random.NextInt(90), 1 + random.NextInt(70));
            // Every third time one side, or both, keep their length.
            var width = round % 3 == 0 ? picture.Width : 1 + random.NextInt(120);
            var height = round % 9 == 0 ? picture.Height : 1 + random.NextInt(120);
            var window = Box(width, height, random);
            var expected = Cropping.Crop(Resampler.Resize(Colours.WithChannels(picture, channels), width, height, resampling), window);
            var part = Resampler.ResizePart(new StoredPicture(picture), channels, width, height, resampling, window);
            Assert.Equal((expected.Width, expected.Height, channels), (part.Width, part.Height, part.Channels));
            var same = expected.Pixels.AsSpan().SequenceEqual(part.Pixels);
            Assert.True(same, $"{picture.Width}×{picture.Height} to {width}×{height}, {window}");
        }
    }

    [Fact]
    public void A_prepared_file_is_the_prepared_picture()
    {
        var file = Encode(Noise(211, 145), SKJpegEncoderDownsample.Downsample420);
        var picture = ImageFile.Decode(file, "a");
        ImagePreparation[] preparations =
        [
            ImagePreparation.Square(64), ImagePreparation.Square(64, 90), ImagePreparation.Square(90, 64),
            ImagePreparation.Square(100, 145) with { Channels = 1 }, ImagePreparation.Square(64, 90) with { Resampling = Resampling.Bicubic },
            new() { ShorterSide = 50 }, new() { Crop = 40 }, new() { Crop = 170 }, new(),
        ];
        foreach (var preparation in preparations)
            Assert.Equal(Step(picture, preparation).Pixels, preparation.Apply(ImageFile.Open(file, "a")).Pixels);

        static Picture Step(Picture picture, ImagePreparation preparation)
        {
            picture = Colours.WithChannels(picture, preparation.Channels);
            if (preparation.ShorterSide is { } side)
                picture = Cropping.ResizeShorterSide(picture, side, preparation.Resampling);
            return preparation.Crop is { } crop ? Cropping.CropCentre(picture, crop, crop) : picture;
        }
    }

    private static void CheckParts(byte[] file, string name, int rounds)
    {
        var whole = ImageFile.Decode(file, name);
        var stored = ImageFile.Open(file, name);
        var random = RandomStream.For(1, name, rounds);
        for (var round = 0; round < rounds; round++)
        {
            var box = Box(whole.Width, whole.Height, random);
            var expected = Cropping.Crop(whole, box);
            var part = stored.Part(box);
            Assert.Equal((box.Width, box.Height, whole.Channels), (part.Width, part.Height, part.Channels));
            Assert.True(expected.Pixels.AsSpan().SequenceEqual(part.Pixels), $"{name}: {box}");
        }
    }

    private static CropBox Box(int width, int height, RandomStream random)
    {
        var (left, top) = (random.NextInt(width), random.NextInt(height));
        return new CropBox(left, top, 1 + random.NextInt(width - left), 1 + random.NextInt(height - top));
    }

    private static Picture Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(RandomStream.At((ulong)width, (ulong)i) >> 56);
        return new Picture(width, height, 3, pixels);
    }

    private static unsafe byte[] Encode(Picture picture, SKJpegEncoderDownsample downsample)
    {
        fixed (byte* pixels = PixelPacking.WithAlpha(picture.Pixels))
        {
            var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using var map = new SKPixmap(info, (nint)pixels);
            using var file = map.Encode(new SKJpegEncoderOptions(85, downsample, SKJpegEncoderAlphaOption.Ignore));
            return file!.ToArray();
        }
    }
}
