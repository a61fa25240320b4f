using System.Text.Json;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>Values and gradients of the peers' losses, in float64 (Fixtures/training/README.md).</summary>
internal static class TrainingReference
{
    private static readonly JsonDocument s_file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "training", "training.json")));

    /// <summary>An entry by its keys.</summary>
    internal static JsonElement Get(params ReadOnlySpan<string> path)
    {
        var element = s_file.RootElement;
        foreach (var key in path)
            element = element.GetProperty(key);
        return element;
    }

    /// <summary>Numbers or rows of numbers as a tensor.</summary>
    internal static Tensor Tensor(JsonElement element, bool gradient = false)
    {
        var shape = new List<long>();
        for (var inner = element; inner.ValueKind == JsonValueKind.Array; inner = inner[0])
            shape.Add(inner.GetArrayLength());
        var tensor = torch.tensor(Numbers(element).ToArray(), shape.ToArray());
        tensor.requires_grad = gradient;
        return tensor;
    }

    /// <summary>Labels as a tensor.</summary>
    internal static Tensor Labels(JsonElement element) => torch.tensor(element.EnumerateArray().Select(label => label.GetInt64()).ToArray(), [element.GetArrayLength()]);

    internal static Tensor Logits(bool gradient = true) => Tensor(Get("inputs", "logits"), gradient);

    internal static Tensor Target() => Labels(Get("inputs", "target"));

    /// <summary>Equal to 1e-5 of the largest expected value.</summary>
    internal static void AssertClose(JsonElement expected, Tensor actual)
    {
        var (wanted, got) = (Numbers(expected).ToArray(), actual.detach().to(ScalarType.Float64).reshape(-1).ToArray<double>());
        Assert.Equal(wanted.Length, got.Length);
        var tolerance = 1e-5 * wanted.Max(Math.Abs);
        for (var i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - got[i]) <= tolerance, $"value {i}: expected {wanted[i]}, got {got[i]}");
    }

    private static IEnumerable<double> Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Numbers) : [element.GetDouble()];
}
