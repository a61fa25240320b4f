using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

/// <summary>Operators that networks of generators need, against values worked out by hand.</summary>
public sealed class GenerativeOperatorTests
{
    [Fact]
    public void Values_are_those_of_the_formulas()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new float[] { -2, 0, 3 });
        TorchFixtures.Near([-0.4, 0, 3], Doubles(nn.functional.leaky_relu(x, 0.2)), 1e-6);
        TorchFixtures.Near([Math.Log(1 + Math.Exp(-2)), Math.Log(2), Math.Log(1 + Math.Exp(3))], Doubles(nn.functional.softplus(x)), 1e-6);
        TorchFixtures.Near([1000, 0], Doubles(nn.functional.softplus(torch.tensor(new float[] { 1000, -1000 }))), 0);
        TorchFixtures.Near([-2, 0, 0, 2, 4], Doubles(torch.tensor(new float[] { -1.6f, -0.5f, 0.5f, 1.5f, 4.4f }).round()), 0);
        TorchFixtures.Near([-2 + (0.5 * 2 * -2), 0.5 * 0, 3 + (0.5 * 4 * 3)], Doubles(x.addcmul(torch.tensor(new float[] { 2, 3, 4 }), x, 0.5)), 1e-6);
    }

    [Fact]
    public void Pixels_are_repeated()
    {
        using var scope = NewDisposeScope();
        var enlarged = nn.functional.interpolate(torch.tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [1, 1, 2, 3]), scale_factor: [2, 2], mode: InterpolationMode.Nearest);
        Assert.Equal([1L, 1, 4, 6], enlarged.shape);
        Assert.Equal([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6], enlarged.ToArray<float>());
    }

    [Fact]
    public void Pixels_are_interpolated()
    {
        using var scope = NewDisposeScope();
        // New centres lie at ¼ and ¾ between old ones.
        TorchFixtures.Near([0, 1, 3, 4, 0, 1, 3, 4], Doubles(nn.functional.interpolate(torch.tensor(new float[] { 0, 4 }, [1, 1, 1, 2]), scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)), 1e-6);
    }

    [Fact]
    public void An_embedding_gives_rows_and_its_gradient_counts_them()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var layer = new Embedding(3, 2, generator);
        var rows = layer.call(torch.tensor(new long[] { 2, 0, 2 }));
        var table = layer.weight.ToArray<float>();
        Assert.Equal([table[4], table[5], table[0], table[1], table[4], table[5]], rows.ToArray<float>());
        rows.sum().backward();
        Assert.Equal([1, 1, 0, 0, 2, 2], layer.weight.grad!.ToArray<float>());
    }

    [Fact]
    public void Second_derivatives_go_through_convolutions()
    {
        using var scope = NewDisposeScope();
        // y = Σ (w ⋆ x)²/2 with a 1×1 kernel: ∂y/∂x = w²x, and ∂/∂w Σ (w²x)² = 4w³ Σx².
        var x = torch.tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]);
        var weight = torch.full([1, 1, 1, 1], 2, dtype: ScalarType.Float32);
        (x.requires_grad, weight.requires_grad) = (true, true);
        var gradient = autograd.grad([(nn.functional.conv2d(x, weight).square().sum() * 0.5)], [x], retain_graph: true, create_graph: true)[0]!;
        Assert.Equal([4, 8, 12, 16], gradient.ToArray<float>());
        gradient.square().sum().backward();
        TorchFixtures.Near([4 * 8 * 30], Doubles(weight.grad!), 1e-3);
    }

    private static double[] Doubles(Tensor tensor) => [.. tensor.ToArray<float>().Select(value => (double)value)];
}
