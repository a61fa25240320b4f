using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class BatchNormFoldingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_convolution_does_the_work_of_the_batch_norm(bool bias)
    {
        using var network = Network(bias);
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        using (no_grad())
        {
            var images = torch.rand([3, 2, 6, 6]);
            var expected = Doubles(network.call(images));
            using (var folding = BatchNormFolding.Of(network, type: null, blocked: false))
            {
                Assert.Equal(2, folding.Count);
                using (folding.Enter())
                {
                    TorchFixtures.Near(expected, Doubles(network.call(images)), 1e-6);
                    // The layer itself hands its input on.
                    var map = torch.rand([1, 4, 2, 2]);
                    Assert.True(map.ValuesEqual(((BatchNorm2d)network.named_children().ElementAt(1).module).call(map)));
                }
            }

            // The network is as it was.
            Assert.Null(BatchNormFolding.Current);
            Assert.Equal(expected, Doubles(network.call(images)));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void The_folded_weights_are_those_of_the_formula()
    {
        using var scope = NewDisposeScope();
        using var convolution = new Conv2d(1, 2, 1);
        using var norm = new BatchNorm2d(2, eps: 0.25);
        using var network = nn.Sequential(convolution, norm);
        using (no_grad())
        {
            convolution.weight.copy_(torch.tensor(new float[] { 3, -2 }).view(2, 1, 1, 1));
            convolution.bias!.copy_(torch.tensor(new float[] { 1, 0.5f }));
            norm.weight.copy_(torch.tensor(new float[] { 2, 4 }));
            norm.bias.copy_(torch.tensor(new float[] { 0.5f, -1 }));
            norm.running_mean.copy_(torch.tensor(new float[] { 2, 0.5f }));
            norm.running_var.copy_(torch.tensor(new float[] { 3.75f, 0.75f }));
        }

        // γ/√(σ² + ε) = 2/2 and 4/1; b' = (1 − 2) · 1 + 0.5 and (0.5 − 0.5) · 4 − 1.
        using var folding = BatchNormFolding.Of(network, type: null, blocked: false);
        Assert.True(folding.TryGet(convolution, out var weight, out var bias));
        TorchFixtures.Near([3, -8], Doubles(weight), 1e-6);
        TorchFixtures.Near([-0.5, -1], Doubles(bias), 1e-6);
        Assert.True(folding.Holds(norm));
        Assert.False(weight.requires_grad);
    }

    [Fact]
    public void Only_a_batch_norm_right_behind_a_convolution_of_its_channels_is_folded()
    {
        foreach (var network in new[]
        {
            nn.Sequential(new Conv2d(2, 4, 3), nn.ReLU(), new BatchNorm2d(4)),
            nn.Sequential(new BatchNorm2d(2), new Conv2d(2, 4, 3)),
            nn.Sequential(new Conv2d(2, 4, 3), new BatchNorm2d(2)),
        })
        {
            using (network)
            using (var folding = BatchNormFolding.Of(network, type: null, blocked: false))
                Assert.Equal(0, folding.Count);
        }
    }

    [Fact]
    public void Folded_weights_may_be_of_a_smaller_type()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = Network(bias: true);
        var images = torch.rand([3, 2, 6, 6]);
        var expected = network.call(images);
        using var folding = BatchNormFolding.Of(network, ScalarType.BFloat16, blocked: false);
        Assert.True(folding.TryGet((Conv2d)network.named_children().First().module, out var weight, out _));
        Assert.Equal(ScalarType.BFloat16, weight.dtype);
        Tensor output;
        using (folding.Enter())
        using (Precision.To(ScalarType.BFloat16))
            output = network.call(images);
        Assert.InRange((output.to(ScalarType.Float32) - expected).abs().max().ToDouble(), 1e-6, 0.05 * expected.abs().max().ToDouble());
    }

    [Fact]
    public void A_folding_holds_for_its_thread_and_foldings_nest()
    {
        using var network = Network(bias: true);
        using var first = BatchNormFolding.Of(network, type: null, blocked: false);
        using var second = BatchNormFolding.Of(network, type: null, blocked: false);
        var elsewhere = first;
        using (first.Enter())
        {
            using (second.Enter())
                Assert.Same(second, BatchNormFolding.Current);
            Assert.Same(first, BatchNormFolding.Current);
            var thread = new Thread(() => elsewhere = BatchNormFolding.Current!);
            thread.Start();
            thread.Join();
        }

        Assert.Null(elsewhere);
        Assert.Null(BatchNormFolding.Current);
    }

    // Weights and running statistics as after training: at its first values batch norm changes little.
    private static TorchSharp.Modules.Sequential Network(bool bias)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(4);
        var inner = nn.Sequential(new Conv2d(4, 3, 1, bias: bias, generator: generator), new BatchNorm2d(3));
        var network = nn.Sequential(new Conv2d(2, 4, 3, padding: 1, bias: bias, generator: generator), new BatchNorm2d(4), nn.ReLU(), inner);
        foreach (var (name, value) in network.StateDict())
        {
            if (value.ndim == 1)
                value.copy_(torch.rand(value.shape, generator: generator) + (name.EndsWith("var", StringComparison.Ordinal) ? 0.5 : -0.3));
        }

        network.eval();
        return network;
    }

    private static double[] Doubles(Tensor tensor) => tensor.to(ScalarType.Float64).ToArray<double>();
}
