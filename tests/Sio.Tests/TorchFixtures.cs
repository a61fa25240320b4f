using System.Text.Json;

namespace Sio.Tests;

/// <summary>What PyTorch computed, as the scripts of <c>Fixtures/torch</c> wrote it down.</summary>
internal static class TorchFixtures
{
    internal static JsonElement Fixture(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", file)));
        return document.RootElement.Clone();
    }

    internal static double[] Doubles(this JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetDouble())];

    internal static long[] Longs(this JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetInt64())];

    internal static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"element {i}: expected {expected[i]:R}, got {actual[i]:R}");
    }
}
