using Sio.Torch.Nn;
using Sio.Torch.Optim;

namespace Sio.Torch.Tests;

public sealed class LiveTensorTests
{
    [Fact]
    public void Training_steps_leave_the_count_as_it_was()
    {
        using var network = new Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 3));
        using var optimizer = new Sgd(network.Parameters(), 0.1, 0.9, 5e-4, nesterov: true);
        using var x = Tensor.Rand([8, 1, 9, 9]);
        using var y = Tensor.From([0L, 1, 2, 0, 1, 2, 0, 1]);
        Step();
        var before = Support.SettledLiveTensors();
        for (var i = 0; i < 1000; i++)
        {
            Step();
            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        void Step()
        {
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            network.Forward(x).CrossEntropy(y).Backward();
            optimizer.Step();
        }
    }
}
