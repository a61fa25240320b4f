using System.Globalization;
using System.Security.Cryptography;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Resizing against PIL 9.4.</summary>
public sealed class ResamplerTests
{
    public static TheoryData<string> Cases => [.. ImageFixtures.Resizing.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Resized_pictures_have_the_bits_of_PILs(string key)
    {
        // WIDTHxHEIGHTxCHANNELS-to-WIDTHxHEIGHT-FILTER
        var parts = key.Split('-');
        var from = Numbers(parts[0]);
        var to = Numbers(parts[2]);
        var expected = ImageFixtures.Resizing[key];
        var result = Resampler.Resize(ImageFixtures.Draw(from[0], from[1], from[2]), to[0], to[1], Enum.Parse<Resampling>(parts[3], ignoreCase: true));
        Assert.Equal((to[0], to[1], from[2]), (result.Width, result.Height, result.Channels));
        Assert.Equal(expected.Elements<byte>(), expected.Shape.Length == 1 ? SHA256.HashData(result.Pixels) : result.Pixels);
    }

    [Fact]
    public void A_size_that_is_already_there_changes_nothing()
    {
        var picture = ImageFixtures.Draw(9, 7, 3);
        foreach (var resampling in Enum.GetValues<Resampling>())
            Assert.Same(picture, Resampler.Resize(picture, 9, 7, resampling));
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        var picture = ImageFixtures.Draw(9, 7, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(picture, 0, 7, Resampling.Bilinear));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(picture, 9, -1, Resampling.Bilinear));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(picture, 100_000, 100_000, Resampling.Bilinear));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(picture, 100_000_000, 1, Resampling.Bilinear));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(picture, 5, 5, (Resampling)9));
    }

    private static int[] Numbers(string text) => [.. text.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
}
