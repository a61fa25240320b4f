using System.Text.Json;
using Sio.Torch.Nn;

namespace Sio.Torch.Tests;

public sealed class ModuleTests
{
    private static readonly JsonElement s_reference = Support.Fixture("reference.json");

    [Fact]
    public void Initial_weights_are_PyTorchs_for_the_same_seed()
    {
        using var generator = new Generator(0);
        using var linear = new Linear(5, 3, generator: generator);
        using var conv = new Conv2d(2, 3, 3, stride: 2, padding: 1, generator: generator);
        var expected = s_reference.GetProperty("initial");
        foreach (var (prefix, module) in new (string, Module)[] { ("linear", linear), ("conv", conv) })
        {
            foreach (var (name, value) in module.StateDict())
            {
                using var wide = value.Detach().To(DType.Float64);
                Support.Near(expected.GetProperty($"{prefix}.{name}").Doubles(), wide.ToArray<double>(), 0);
            }
        }
    }

    [Fact]
    public void A_network_computes_what_PyTorch_computes()
    {
        using var scope = new TensorScope();
        var expected = s_reference.GetProperty("network");
        using var network = Network();
        var state = State(expected);
        network.To(DType.Float64); // double precision tells a wrong formula from rounding
        network.LoadStateDict(state);
        Assert.Equal(expected.GetProperty("state").EnumerateObject().Select(entry => entry.Name), network.StateDict().Select(entry => entry.Name));

        var x = Tensor.From(expected.GetProperty("input").Doubles(), 5, 1, 12, 12);
        var target = Tensor.From(expected.GetProperty("target").Longs());
        var logits = network.Forward(x);
        Support.Near(expected.GetProperty("logits").Doubles(), logits.ToArray<double>(), 1e-12);
        Assert.Equal(expected.GetProperty("smoothed_loss").GetDouble(), logits.CrossEntropy(target, 0.1).Item().ToDouble(), 12);
        var loss = logits.CrossEntropy(target);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.Item().ToDouble(), 12);
        loss.Backward();
        foreach (var (name, value) in network.NamedParameters())
            Support.Near(expected.GetProperty("gradients").GetProperty(name).Doubles(), value.Grad!.ToArray<double>(), 1e-12);
        foreach (var (name, value) in network.NamedBuffers())
            Support.Near(expected.GetProperty("buffers").GetProperty(name).Doubles(), value.To(DType.Float64).ToArray<double>(), 1e-12);
        network.Eval();
        Support.Near(expected.GetProperty("eval_logits").Doubles(), network.Forward(x).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Weights_of_another_network_are_refused_and_nothing_changes()
    {
        using var scope = new TensorScope();
        using var linear = new Linear(5, 3);
        var before = linear.Weight.ToArray<float>();
        var bias = Tensor.Zeros([3]);
        var missing = Assert.Throws<StateDictException>(() => linear.LoadStateDict(new Dictionary<string, Tensor> { ["bias"] = bias, ["other"] = bias }));
        Assert.Contains("missing weight", missing.Message, StringComparison.Ordinal);
        Assert.Contains("unknown other", missing.Message, StringComparison.Ordinal);
        var shape = Assert.Throws<StateDictException>(() => linear.LoadStateDict(new Dictionary<string, Tensor> { ["bias"] = bias, ["weight"] = bias }));
        Assert.Contains("weight is [3], expected [3,5]", shape.Message, StringComparison.Ordinal);
        Assert.Equal(before, linear.Weight.ToArray<float>());
    }

    [Fact]
    public void A_forward_pass_leaves_only_its_result()
    {
        using var network = Network();
        using var x = Tensor.Ones([2, 1, 12, 12]);
        using var noGrad = GradMode.NoGrad();
        var before = Support.SettledLiveTensors();
        var y = network.Forward(x);
        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        y.Dispose();
        Assert.Throws<TorchException>(() => network.Forward(Tensor.Ones([2, 3, 12, 12])));
        Assert.Equal(before, Support.SettledLiveTensors());
    }

    [Fact]
    public void Modules_move_and_count_their_parameters()
    {
        using var network = Network();
        Assert.Equal((4 * 9) + 8 + (16 * 9) + 4 + 12 + 3, network.ParameterCount());
        network.To(Device.Cpu);
        Assert.All(network.Parameters(), parameter => Assert.True(parameter.RequiresGrad && parameter.IsLeaf));
        network.Eval();
        Assert.All(network.Children, child => Assert.False(child.Value.Training));
    }

    [Fact]
    public void A_change_of_type_takes_gradients_along_and_leaves_counters()
    {
        using var scope = new TensorScope();
        using var network = Network();
        network.Forward(Tensor.Ones([2, 1, 12, 12])).Sum().Backward();
        var before = network.Parameters()[0].Grad!.To(DType.Float64).ToArray<double>();
        network.To(DType.Float64);
        Assert.All(network.Parameters(), parameter => Assert.Equal(DType.Float64, parameter.DType));
        Assert.All(network.Parameters(), parameter => Assert.True(parameter.RequiresGrad && parameter.IsLeaf));
        Assert.Equal(DType.Int64, network.NamedBuffers().Single(entry => entry.Name == "1.num_batches_tracked").Value.DType);
        Assert.Equal(before, network.Parameters()[0].Grad!.ToArray<double>());
        network.Forward(Tensor.Ones([2, 1, 12, 12], DType.Float64)).Sum().Backward();
        Assert.Equal(DType.Float64, network.Parameters()[0].Grad!.DType);
        Assert.Throws<ArgumentException>(() => network.To(DType.Int64));
    }

    private static Sequential Network() => new(
        new Conv2d(1, 4, 3, padding: 1, bias: false), new BatchNorm2d(4), new ReLU(), new MaxPool2d(2), new Conv2d(4, 4, 3), new ReLU(),
        new AvgPool2d(2), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 3));

    private static Dictionary<string, Tensor> State(JsonElement expected) => expected.GetProperty("state").EnumerateObject().ToDictionary(
        entry => entry.Name,
        entry =>
        {
            var shape = entry.Value.GetProperty("shape").Longs();
            var values = entry.Value.GetProperty("values").Doubles();
            return entry.Name.EndsWith("tracked", StringComparison.Ordinal)
                ? Tensor.Full([], (long)values[0], DType.Int64)
                : Tensor.From(values).Reshape(shape);
        });
}
