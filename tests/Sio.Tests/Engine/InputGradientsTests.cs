using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

public sealed class InputGradientsTests
{
    [Fact]
    public void Gradients_reach_inputs_without_touching_leaves()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(3);
        var y = Leaf(2);
        var first = InputGradients.Of((x * x * x * y).sum(), [x, y], create: true);
        Assert.Equal((54, 27), (first[0].ToDouble(), first[1].ToDouble()));
        Assert.Equal(36, InputGradients.Of(first[0].sum(), x).ToDouble());
        Assert.Null(x.grad);
        Assert.Null(y.grad);
    }

    [Fact]
    public void A_graph_that_is_kept_can_be_used_again()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(3);
        var output = (x * x).sum();
        Assert.Equal(6, InputGradients.Of(output, x, retain: true).ToDouble());
        Assert.Equal(6, InputGradients.Of(output, x).ToDouble());
    }

    // Each of these ends the process where TorchSharp is asked without care.
    [Fact]
    public void What_has_no_gradient_is_an_error()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (Leaf(1), Leaf(2));
        var plain = torch.ones([1], dtype: ScalarType.Float64);
        AssertRejected(() => InputGradients.Of(plain.sum(), plain), "without a record");
        AssertRejected(() => InputGradients.Of((x.detach() * 2).sum(), x), "without a record");
        AssertRejected(() => InputGradients.Of((x * plain).sum(), plain), "[1] float64 requires no gradient");
        AssertRejected(() => InputGradients.Of((x * x).sum(), [x, unused]), "does not depend");
        AssertRejected(() => InputGradients.Of(torch.cat([x, x]) * 2, x), "of [2] float64, a single number");
        using (no_grad())
            AssertRejected(() => InputGradients.Of((x * x).sum(), x), "without a record");

        static void AssertRejected(Action action, string expected) =>
            Assert.Contains(expected, Assert.Throws<TorchException>(action).Message, StringComparison.Ordinal);
    }

    private static Tensor Leaf(double value)
    {
        var tensor = torch.tensor(new[] { value });
        tensor.requires_grad = true;
        return tensor;
    }
}
