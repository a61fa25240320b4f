using System.Text.Json;
using System.Text.Json.Serialization;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Networks;

/// <summary>An entry of a state dict.</summary>
public sealed record ReferenceTensor(string Name, long[] Shape);

/// <summary>What PyTorch computed in one mode.</summary>
public sealed record ReferenceOutput(float[] Features, float[] Logits);

/// <summary>One network of <c>Fixtures/networks/networks.json</c>, which <c>make_networks.py</c> beside it made with PyTorch.</summary>
public sealed record NetworkReference(
    string Network, int Channels, int Size, int Classes, int Images, long Parameters, ReferenceTensor[] State, ReferenceOutput Eval, ReferenceOutput Train,
    IReadOnlyDictionary<string, double[]> After)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>All networks by name.</summary>
    public static IReadOnlyDictionary<string, NetworkReference> All { get; } = JsonSerializer.Deserialize<NetworkReference[]>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "networks", "networks.json")), s_options)!.ToDictionary(network => network.Network);

    public static TheoryData<string> Names => [.. All.Keys];

    [JsonIgnore]
    public ClassifierShape Shape => new(Channels, Size, Size, Classes);

    /// <summary>The network with the weights that the reference was computed with.</summary>
    public Classifier Create()
    {
        var model = Catalog<Classifier>.Create(Network, Shape, null);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (k, (name, value)) in model.StateDict().Index())
            Fill(name, value, (uint)k + 1);
        return model;
    }

    /// <summary>The input that the reference was computed with, in −2…2.</summary>
    public Tensor Input() => torch.tensor(Uniform(Images * Channels * Size * Size, 0).Select(u => (float)((u * 4) - 2)).ToArray(), [Images, Channels, Size, Size]);

    private static void Fill(string name, Tensor value, uint stream)
    {
        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
        {
            value.fill_(7);
            return;
        }

        Func<double, double> scale;
        if (value.ndim > 1)
        {
            var bound = Math.Sqrt(6.0 / (value.numel() / value.size(0)));
            scale = u => ((2 * u) - 1) * bound;
        }
        else
        {
            scale = name.EndsWith("running_var", StringComparison.Ordinal) || name.EndsWith("weight", StringComparison.Ordinal)
                ? u => 0.5 + u
                : u => (u - 0.5) * 0.2;
        }

        var values = Uniform((int)value.numel(), stream).Select(u => (float)scale(u)).ToArray();
        value.copy_(torch.tensor(values, value.shape));
    }

    // The formula of make_networks.py: a multiple of the golden ratio, mixed by MurmurHash3's finalizer, in [0, 1).
    private static IEnumerable<double> Uniform(int count, uint stream)
    {
        for (uint i = 0; i < count; i++)
        {
            uint h = unchecked((i * 0x9E3779B1) + (stream * 0x85EBCA77));
            h ^= h >> 16;
            h = unchecked(h * 0x85EBCA6B);
            h ^= h >> 13;
            h = unchecked(h * 0xC2B2AE35);
            h ^= h >> 16;
            yield return h / 4294967296.0;
        }
    }
}
