using Sio.Torch.Nn;

namespace Sio.Torch.Tests;

/// <summary>Operators that networks of generators need, against values worked out by hand.</summary>
public sealed class GenerativeOperatorTests
{
    [Fact]
    public void Values_are_those_of_the_formulas()
    {
        using var scope = new TensorScope();
        var x = Tensor.From<float>([-2, 0, 3]);
        Support.Near([-0.4, 0, 3], Doubles(x.LeakyRelu(0.2)), 1e-6);
        Support.Near([Math.Log(1 + Math.Exp(-2)), Math.Log(2), Math.Log(1 + Math.Exp(3))], Doubles(x.Softplus()), 1e-6);
        Support.Near([1000, 0], Doubles(Tensor.From<float>([1000, -1000]).Softplus()), 0);
        Support.Near([-2, 0, 0, 2, 4], Doubles(Tensor.From<float>([-1.6f, -0.5f, 0.5f, 1.5f, 4.4f]).Round()), 0);
        Support.Near([-2 + (0.5 * 2 * -2), 0.5 * 0, 3 + (0.5 * 4 * 3)], Doubles(x.AddCMul(Tensor.From<float>([2, 3, 4]), x, 0.5)), 1e-6);
    }

    [Fact]
    public void Pixels_are_repeated()
    {
        using var scope = new TensorScope();
        var enlarged = Tensor.From<float>([1, 2, 3, 4, 5, 6], 1, 1, 2, 3).UpsampleNearest2d(2);
        Assert.Equal([1L, 1, 4, 6], enlarged.Shape);
        Assert.Equal([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6], enlarged.ToArray<float>());
    }

    [Fact]
    public void Pixels_are_interpolated()
    {
        using var scope = new TensorScope();
        // New centres lie at ¼ and ¾ between old ones.
        Support.Near([0, 1, 3, 4, 0, 1, 3, 4], Doubles(Tensor.From<float>([0, 4], 1, 1, 1, 2).UpsampleBilinear2d(2)), 1e-6);
    }

    [Fact]
    public void An_embedding_gives_rows_and_its_gradient_counts_them()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(1);
        using var layer = new Embedding(3, 2, generator);
        var rows = layer.Forward(Tensor.From<long>([2, 0, 2]));
        var table = layer.Weight.ToArray<float>();
        Assert.Equal([table[4], table[5], table[0], table[1], table[4], table[5]], rows.ToArray<float>());
        rows.Sum().Backward();
        Assert.Equal([1, 1, 0, 0, 2, 2], layer.Weight.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_module_with_a_condition_refuses_to_run_without()
    {
        using var scope = new TensorScope();
        using var module = new Sum();
        Assert.Equal([4f], module.Forward(Tensor.From<float>([1]), Tensor.From<float>([3])).ToArray<float>());
        Assert.Contains("needs a condition", Assert.Throws<NotSupportedException>(() => module.Forward(Tensor.From<float>([1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Second_derivatives_go_through_convolutions()
    {
        using var scope = new TensorScope();
        // y = Σ (w ⋆ x)²/2 with a 1×1 kernel: ∂y/∂x = w²x, and ∂/∂w Σ (w²x)² = 4w³ Σx².
        var x = Tensor.From<float>([1, 2, 3, 4], 1, 1, 2, 2);
        var weight = Tensor.Full([1, 1, 1, 1], 2);
        (x.RequiresGrad, weight.RequiresGrad) = (true, true);
        var gradient = (x.Conv2d(weight).Square().Sum() * 0.5).Gradients([x], createGraph: true)[0]!;
        Assert.Equal([4, 8, 12, 16], gradient.ToArray<float>());
        gradient.Square().Sum().Backward();
        Support.Near([4 * 8 * 30], Doubles(weight.Grad!), 1e-3);
    }

    private static double[] Doubles(Tensor tensor) => [.. tensor.ToArray<float>().Select(value => (double)value)];

    private sealed class Sum : ConditionalModule
    {
        protected override Tensor ForwardCore(Tensor input, Tensor condition) => input + condition;
    }
}
