using Sio.Generation.Gan;
using Sio.Torch;

namespace Sio.Tests.Generation;

public sealed class GanLossTests
{
    [Fact]
    public void Hinge_and_non_saturating_losses_are_those_of_the_papers()
    {
        using var scope = new TensorScope();
        var (real, fake) = (Tensor.From<float>([2, 0.5f]), Tensor.From<float>([-3, 0.5f]));
        Assert.Equal((0 + 0.5 + 0 + 1.5) / 2, Value(GanLosses.Discriminator(GanLoss.Hinge, real, fake)), 6);
        Assert.Equal((3 - 0.5) / 2, Value(GanLosses.Generator(GanLoss.Hinge, fake)), 6);
        Assert.Equal((Softplus(-2) + Softplus(-0.5) + Softplus(-3) + Softplus(0.5)) / 2, Value(GanLosses.Discriminator(GanLoss.NonSaturating, real, fake)), 6);
        Assert.Equal((Softplus(3) + Softplus(-0.5)) / 2, Value(GanLosses.Generator(GanLoss.NonSaturating, fake)), 6);
    }

    [Fact]
    public void R1_is_the_mean_squared_gradient_at_the_images()
    {
        using var scope = new TensorScope();
        // D(x) = a·Σx²/2 has the gradient a·x: the penalty is a²·mean‖x‖² = 9·(5 + 25)/2, and its derivative by a is 2a·15.
        var a = Tensor.Full([], 3);
        a.RequiresGrad = true;
        var images = Tensor.From<float>([1, 2, 3, 4], 2, 1, 1, 2);
        var penalty = GanLosses.R1(x => x.Square().Flatten(1).Sum(1) * a * 0.5, images);
        Assert.Equal(135, Value(penalty), 4);
        penalty.Backward();
        Assert.Equal(90, Value(a.Grad!), 4);
        Assert.False(images.RequiresGrad);
    }

    private static double Value(Tensor tensor) => tensor.Item().ToDouble();

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
}
