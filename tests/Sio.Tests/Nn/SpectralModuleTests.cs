using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class SpectralModuleTests
{
    [Fact]
    public void The_weight_is_divided_by_its_largest_singular_value()
    {
        using var generator = new Generator(3);
        using var linear = new SpectralLinear(7, 5, generator);
        using var conv = new SpectralConv2d(3, 6, 3, generator: generator);
        using var embedding = new SpectralEmbedding(4, 9, generator);
        foreach (var module in new SpectralModule[] { linear, conv, embedding })
        {
            using var scope = NewDisposeScope();
            var original = module.named_parameters().Single(entry => entry.name == "weight_orig").parameter.detach().flatten(1);
            for (var i = 0; i < 300; i++)
                module.Weight();
            var largest = linalg.svdvals(original).ToArray<float>()[0];
            TorchFixtures.Near(
                [.. original.ToArray<float>().Select(value => (double)value / largest)], [.. module.Weight().ToArray<float>().Select(value => (double)value)], 1e-5);
        }
    }

    [Fact]
    public void One_pass_is_one_power_iteration_and_evaluation_makes_none()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var layer = new SpectralLinear(2, 2, generator);
        var state = layer.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.Equal(["bias", "weight_orig", "weight_u", "weight_v"], state.Keys.Order(StringComparer.Ordinal));
        using (no_grad())
        {
            state["weight_orig"].copy_(torch.tensor(new float[] { 3, 0, 0, 1 }, [2, 2]));
            state["weight_u"].copy_(torch.tensor(new float[] { 0.6f, 0.8f }));
        }

        // v = Wᵀu/‖·‖ = (1.8, 0.8)/√3.88; u = Wv/‖·‖ = (5.4, 0.8)/√29.8; σ = uᵀWv = ‖Wv‖ = √(29.8/3.88).
        var sigma = Math.Sqrt(29.8 / 3.88);
        TorchFixtures.Near([3 / sigma, 0, 0, 1 / sigma], [.. layer.Weight().ToArray<float>().Select(value => (double)value)], 1e-6);
        TorchFixtures.Near([5.4 / Math.Sqrt(29.8), 0.8 / Math.Sqrt(29.8)], [.. state["weight_u"].ToArray<float>().Select(value => (double)value)], 1e-6);
        layer.eval();
        var before = state["weight_u"].ToArray<float>();
        var first = layer.Weight().ToArray<float>();
        Assert.Equal(first, layer.Weight().ToArray<float>());
        Assert.Equal(before, state["weight_u"].ToArray<float>());
    }

    [Fact]
    public void Two_passes_before_one_backward_work_and_nothing_leaks()
    {
        using var generator = new Generator(3);
        using var layer = new SpectralConv2d(1, 2, 3, padding: 1, generator: generator);
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        {
            var images = torch.ones([2, 1, 4, 4]);
            (layer.call(images).sum() + layer.call(images * 2).square().sum()).backward();
            Assert.All(layer.parameters(), parameter => Assert.NotNull(parameter.grad));
        }

        Assert.Equal(before, TensorCount.Settled());
    }
}
