using System.Text.Json;
using Sio.Data;
using Sio.Data.Transforms;

namespace Sio.Tests.Data.Transforms;

/// <summary>The operations against Pillow's results, byte by byte.</summary>
public sealed class ImageOperationTests
{
    private static readonly JsonDocument s_file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "transforms", "operations.json")));

    public static TheoryData<string> Operations => [.. Enum.GetNames<ImageOperation>().Where(name => name != nameof(ImageOperation.Identity))];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_byte_is_Pillows(string name)
    {
        var operation = Enum.Parse<ImageOperation>(name);
        var key = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
        var compared = 0;
        foreach (var image in s_file.RootElement.EnumerateArray())
        {
            var size = new ImageSize(image.GetProperty("channels").GetInt32(), image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32());
            var pixels = image.GetProperty("image").GetBytesFromBase64();
            foreach (var row in image.GetProperty("rows").EnumerateArray().Where(row => row.GetProperty("operation").GetString() == key))
            {
                var expected = row.GetProperty("result").GetBytesFromBase64();
                var result = new byte[pixels.Length];
                Array.Fill(result, (byte)99);
                operation.Apply(pixels, result, size, row.GetProperty("amount").GetDouble());
                var wrong = Enumerable.Range(0, result.Length).Where(i => result[i] != expected[i]).ToArray();
                Assert.True(wrong.Length == 0, $"{image.GetProperty("name")} by {row.GetProperty("amount")}: {wrong.Length} bytes differ, the first, {wrong.FirstOrDefault()}, is {result[wrong.FirstOrDefault()]} instead of {expected[wrong.FirstOrDefault()]}");
                compared++;
            }
        }

        Assert.True(compared >= 6, $"{compared} results");
    }

    [Fact]
    public void Amounts_of_a_severity_are_the_authors()
    {
        var size = new ImageSize(3, 32, 24);
        Assert.Equal(3, SeverityOperations.Amount(ImageOperation.Posterize, 2.6, false, size));
        Assert.Equal(4, SeverityOperations.Amount(ImageOperation.Posterize, 2.4, false, size));
        Assert.Equal(-8, SeverityOperations.Amount(ImageOperation.Rotate, 2.9, true, size));
        Assert.Equal(256 - 76, SeverityOperations.Amount(ImageOperation.Solarize, 2.99, false, size));
        Assert.Equal(0.09, SeverityOperations.Amount(ImageOperation.ShearX, 3, false, size), 1e-12);
        Assert.Equal(-0.3, SeverityOperations.Amount(ImageOperation.ShearY, 10, true, size), 1e-12);
        Assert.Equal(2, SeverityOperations.Amount(ImageOperation.TranslateX, 2.99, false, size));
        Assert.Equal(-3, SeverityOperations.Amount(ImageOperation.TranslateY, 2.99, true, size));
        Assert.Equal(0.64, SeverityOperations.Amount(ImageOperation.Sharpness, 3, true, size), 1e-12);
    }

    /// <summary>torchvision's table of magnitudes with 31 steps, at M = 14 and at the ends, for 32×32.</summary>
    [Theory]
    [InlineData(ImageOperation.Posterize, 14, 6)]
    [InlineData(ImageOperation.Posterize, 30, 4)]
    [InlineData(ImageOperation.Rotate, 14, -14)]
    [InlineData(ImageOperation.Solarize, 14, 136)]
    [InlineData(ImageOperation.Solarize, 30, 0)]
    [InlineData(ImageOperation.ShearX, 14, -0.14)]
    [InlineData(ImageOperation.TranslateX, 14, -6)]
    [InlineData(ImageOperation.TranslateY, 30, -14)]
    [InlineData(ImageOperation.Color, 14, 0.58)]
    [InlineData(ImageOperation.Brightness, 30, 0.1)]
    [InlineData(ImageOperation.Identity, 14, 0)]
    public void Amounts_of_a_magnitude_are_torchvisions(object operation, int magnitude, double expected) =>
        Assert.Equal(expected, RandAugmentTransform.Amount((ImageOperation)operation, magnitude, true, new ImageSize(3, 32, 32)), 1e-12);
}
