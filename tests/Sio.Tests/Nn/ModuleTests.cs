using System.Text.Json;
using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class ModuleTests
{
    private static readonly JsonElement s_reference = TorchFixtures.Fixture("reference.json");

    [Fact]
    public void Initial_weights_are_PyTorchs_for_the_same_seed()
    {
        using var generator = new Generator(0);
        using var linear = new Linear(5, 3, generator: generator);
        using var conv = new Conv2d(2, 3, 3, stride: 2, padding: 1, generator: generator);
        var expected = s_reference.GetProperty("initial");
        foreach (var (prefix, module) in new (string, nn.Module<Tensor, Tensor>)[] { ("linear", linear), ("conv", conv) })
        {
            foreach (var (name, value) in module.StateDict())
            {
                using var wide = value.detach().to(ScalarType.Float64);
                TorchFixtures.Near(expected.GetProperty($"{prefix}.{name}").Doubles(), wide.ToArray<double>(), 0);
            }
        }
    }

    [Fact]
    public void A_network_computes_what_PyTorch_computes()
    {
        using var scope = NewDisposeScope();
        var expected = s_reference.GetProperty("network");
        using var network = Network();
        var state = State(expected);
        network.to(ScalarType.Float64); // double precision tells a wrong formula from rounding
        network.LoadStateDict(state);
        Assert.Equal(expected.GetProperty("state").EnumerateObject().Select(entry => entry.Name), network.StateDict().Select(entry => entry.Name));

        var x = torch.tensor(expected.GetProperty("input").Doubles(), [5, 1, 12, 12]);
        var target = torch.tensor(expected.GetProperty("target").Longs());
        var logits = network.call(x);
        TorchFixtures.Near(expected.GetProperty("logits").Doubles(), logits.ToArray<double>(), 1e-12);
        Assert.Equal(expected.GetProperty("smoothed_loss").GetDouble(), nn.functional.cross_entropy(logits, target, label_smoothing: 0.1).ToDouble(), 12);
        var loss = nn.functional.cross_entropy(logits, target);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.ToDouble(), 12);
        loss.backward();
        foreach (var (name, value) in network.named_parameters())
            TorchFixtures.Near(expected.GetProperty("gradients").GetProperty(name).Doubles(), value.grad!.ToArray<double>(), 1e-12);
        foreach (var (name, value) in network.named_buffers())
            TorchFixtures.Near(expected.GetProperty("buffers").GetProperty(name).Doubles(), value.to(ScalarType.Float64).ToArray<double>(), 1e-12);
        network.eval();
        TorchFixtures.Near(expected.GetProperty("eval_logits").Doubles(), network.call(x).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Weights_of_another_network_are_refused_and_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(5, 3);
        var before = linear.weight.ToArray<float>();
        var bias = torch.zeros([3]);
        var missing = Assert.Throws<StateDictException>(() => linear.LoadStateDict(new Dictionary<string, Tensor> { ["bias"] = bias, ["other"] = bias }));
        Assert.Contains("missing weight", missing.Message, StringComparison.Ordinal);
        Assert.Contains("unknown other", missing.Message, StringComparison.Ordinal);
        var shape = Assert.Throws<StateDictException>(() => linear.LoadStateDict(new Dictionary<string, Tensor> { ["bias"] = bias, ["weight"] = bias }));
        Assert.Contains("weight is [3], expected [3,5]", shape.Message, StringComparison.Ordinal);
        Assert.Equal(before, linear.weight.ToArray<float>());
    }

    [Fact]
    public void A_forward_pass_leaves_only_its_result()
    {
        using var network = Network();
        using var x = torch.ones([2, 1, 12, 12]);
        using var noGrad = no_grad();
        var before = TensorCount.Settled();
        var y = network.call(x);
        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        y.Dispose();
        Assert.Throws<TorchException>(() => network.call(torch.ones([2, 3, 12, 12])));
        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void Modules_move_and_count_their_parameters()
    {
        using var network = Network();
        Assert.Equal((4 * 9) + 8 + (16 * 9) + 4 + 12 + 3, network.ParameterCount());
        network.to(CPU);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        network.eval();
        Assert.All(network.named_children(), child => Assert.False(child.module.training));
    }

    [Fact]
    public void A_change_of_type_takes_gradients_along_and_leaves_counters()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        network.call(torch.ones([2, 1, 12, 12])).sum().backward();
        var before = network.parameters().First().grad!.to(ScalarType.Float64).ToArray<double>();
        network.to(ScalarType.Float64);
        Assert.All(network.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        Assert.Equal(ScalarType.Int64, network.named_buffers().Single(entry => entry.name == "1.num_batches_tracked").buffer.dtype);
        Assert.Equal(before, network.parameters().First().grad!.ToArray<double>());
        network.call(torch.ones([2, 1, 12, 12], dtype: ScalarType.Float64)).sum().backward();
        Assert.Equal(ScalarType.Float64, network.parameters().First().grad!.dtype);
        Assert.Throws<ArgumentException>(() => network.to(ScalarType.Int64));
    }

    private static TorchSharp.Modules.Sequential Network() => nn.Sequential(
        new Conv2d(1, 4, 3, padding: 1, bias: false), new BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), new Conv2d(4, 4, 3), nn.ReLU(),
        nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), new Linear(4, 3));

    private static Dictionary<string, Tensor> State(JsonElement expected) => expected.GetProperty("state").EnumerateObject().ToDictionary(
        entry => entry.Name,
        entry =>
        {
            var shape = entry.Value.GetProperty("shape").Longs();
            var values = entry.Value.GetProperty("values").Doubles();
            return entry.Name.EndsWith("tracked", StringComparison.Ordinal)
                ? torch.full([], (long)values[0], dtype: ScalarType.Int64)
                : torch.tensor(values).reshape(shape);
        });
}
