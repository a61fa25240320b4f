using Sio.Engine;
using Sio.Nn;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class LiveTensorTests
{
    [Fact]
    public void Training_steps_leave_the_count_as_it_was()
    {
        using var network = nn.Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), new Linear(4, 3));
        using var optimizer = new Sgd(network.parameters(), 0.1, 0.9, 5e-4, nesterov: true);
        using var x = torch.rand([8, 1, 9, 9]);
        using var y = torch.tensor(new long[] { 0L, 1, 2, 0, 1, 2, 0, 1 });
        Step();
        var before = TensorCount.Settled();
        for (var i = 0; i < 1000; i++)
        {
            Step();
            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        void Step()
        {
            using var scope = NewDisposeScope();
            optimizer.ZeroGrad();
            nn.functional.cross_entropy(network.call(x), y).backward();
            optimizer.Step();
        }
    }
}
