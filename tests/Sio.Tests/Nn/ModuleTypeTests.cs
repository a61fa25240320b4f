using System.Reflection;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

/// <summary>TorchSharp replaces parameters when a module changes its type: the fields of our layers must be the new ones.</summary>
public sealed class ModuleTypeTests
{
    public static TheoryData<string> Layers => [.. s_layers.Keys];

    private static readonly Dictionary<string, (Func<nn.Module<Tensor, Tensor>> Make, long[] Input, string[] Parameters, string[] Buffers)> s_layers = new()
    {
        ["conv"] = (() => new Conv2d(3, 4, 3), [2, 3, 5, 5], ["weight", "bias"], []),
        ["conv without bias"] = (() => new Conv2d(3, 4, 3, bias: false), [2, 3, 5, 5], ["weight"], []),
        ["linear"] = (() => new Linear(3, 4), [2, 3], ["weight", "bias"], []),
        ["linear without bias"] = (() => new Linear(3, 4, bias: false), [2, 3], ["weight"], []),
        ["batch norm"] = (() => new BatchNorm2d(3), [2, 3, 5, 5], ["weight", "bias"], ["running_mean", "running_var", "num_batches_tracked"]),
        ["batch norm of rows"] = (() => new BatchNorm1d(3), [4, 3], ["weight", "bias"], ["running_mean", "running_var", "num_batches_tracked"]),
        ["spectral linear"] = (() => new SpectralLinear(3, 4), [2, 3], ["bias", "weight_orig"], ["weight_u", "weight_v"]),
        ["spectral conv"] = (() => new SpectralConv2d(3, 4, 3), [2, 3, 5, 5], ["bias", "weight_orig"], ["weight_u", "weight_v"]),
        ["spectral conv without bias"] = (() => new SpectralConv2d(3, 4, 3, hasBias: false), [2, 3, 5, 5], ["weight_orig"], ["weight_u", "weight_v"]),
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_of_double_precision_computes_in_it_with_the_weights_that_it_names(string name)
    {
        using var scope = NewDisposeScope();
        var (make, shape, parameters, buffers) = s_layers[name];
        using var layer = make();
        AssertNames();
        layer.to(ScalarType.Float64);
        AssertNames();

        var output = layer.call(torch.rand(shape, dtype: ScalarType.Float64));
        Assert.Equal(ScalarType.Float64, output.dtype);
        output.square().sum().backward();
        Assert.All(layer.named_parameters(), entry => Assert.Equal(ScalarType.Float64, entry.parameter.grad!.dtype));
        layer.to(ScalarType.Float32);
        AssertNames();
        Assert.Equal(ScalarType.Float32, layer.call(torch.rand(shape)).dtype);

        void AssertNames()
        {
            Assert.Equal(parameters, layer.named_parameters().Select(entry => entry.name));
            Assert.Equal(buffers, layer.named_buffers().Select(entry => entry.name));
            HashSet<Tensor> named = new(
                [.. layer.named_parameters().Select(entry => (Tensor)entry.parameter), .. layer.named_buffers().Select(entry => entry.buffer)], ReferenceEqualityComparer.Instance);
            var held = Fields(layer.GetType()).Select(field => field.GetValue(layer)).OfType<Tensor>().ToArray();
            Assert.Equal(named.Count, held.Length);
            Assert.All(held, tensor => Assert.Contains(tensor, named));
            Assert.All(layer.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        }
    }

    [Fact]
    public void Layers_that_take_other_inputs_follow_too()
    {
        using var scope = NewDisposeScope();
        using var embedding = new Embedding(3, 2);
        using var spectral = new SpectralEmbedding(3, 2);
        using var norm = new GroupNorm(4);
        var rows = torch.tensor(new long[] { 2, 0 });
        foreach (var layer in new nn.Module<Tensor, Tensor>[] { embedding, spectral })
        {
            layer.to(ScalarType.Float64);
            Assert.Equal(ScalarType.Float64, layer.call(rows).dtype);
        }

        Assert.Equal(["weight"], embedding.named_parameters().Select(entry => entry.name));
        Assert.Same(embedding.named_parameters().Single().parameter, embedding.weight);
        norm.to(ScalarType.BFloat16);
        Assert.Equal(["weight", "bias"], norm.named_parameters().Select(entry => entry.name));
        Assert.Same(norm.named_parameters().First().parameter, norm.weight);
    }

    private static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var at = type; at != typeof(nn.Module) && at.Namespace == "Sio.Nn"; at = at.BaseType!)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (typeof(Tensor).IsAssignableFrom(field.FieldType))
                    yield return field;
            }
        }
    }
}
