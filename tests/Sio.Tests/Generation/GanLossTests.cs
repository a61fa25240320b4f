using Sio.Generation.Gan;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

public sealed class GanLossTests
{
    [Fact]
    public void Hinge_and_non_saturating_losses_are_those_of_the_papers()
    {
        using var scope = NewDisposeScope();
        var (real, fake) = (torch.tensor(new float[] { 2, 0.5f }), torch.tensor(new float[] { -3, 0.5f }));
        Assert.Equal((0 + 0.5 + 0 + 1.5) / 2, Value(GanLosses.Discriminator(GanLoss.Hinge, real, fake)), 6);
        Assert.Equal((3 - 0.5) / 2, Value(GanLosses.Generator(GanLoss.Hinge, fake)), 6);
        Assert.Equal((Softplus(-2) + Softplus(-0.5) + Softplus(-3) + Softplus(0.5)) / 2, Value(GanLosses.Discriminator(GanLoss.NonSaturating, real, fake)), 6);
        Assert.Equal((Softplus(3) + Softplus(-0.5)) / 2, Value(GanLosses.Generator(GanLoss.NonSaturating, fake)), 6);
    }

    [Fact]
    public void R1_is_the_mean_squared_gradient_at_the_images()
    {
        using var scope = NewDisposeScope();
        // D(x) = a·Σx²/2 has the gradient a·x: the penalty is a²·mean‖x‖² = 9·(5 + 25)/2, and its derivative by a is 2a·15.
        var a = torch.full([], 3, dtype: ScalarType.Float32);
        a.requires_grad = true;
        var images = torch.tensor(new float[] { 1, 2, 3, 4 }, [2, 1, 1, 2]);
        var penalty = GanLosses.R1(x => x.square().flatten(1).sum(1) * a * 0.5, images);
        Assert.Equal(135, Value(penalty), 4);
        penalty.backward();
        Assert.Equal(90, Value(a.grad!), 4);
        Assert.False(images.requires_grad);
    }

    private static double Value(Tensor tensor) => tensor.ToDouble();

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
}
