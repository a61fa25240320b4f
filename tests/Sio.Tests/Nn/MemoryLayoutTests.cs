using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class MemoryLayoutTests
{
    [Fact]
    public void Weights_can_be_put_into_another_memory_order()
    {
        using var scope = NewDisposeScope();
        using var convolution = new Conv2d(3, 4, 3);
        var before = convolution.weight.detach().clone();
        convolution.ToMemoryFormat(memory_format.channels_last);
        Assert.True(TensorMemory.IsContiguous(convolution.weight, memory_format.channels_last));
        Assert.False(convolution.weight.is_contiguous());
        Assert.True(convolution.weight.requires_grad);
        Assert.True(before.ValuesEqual(convolution.weight.detach()));
        convolution.ToMemoryFormat(memory_format.contiguous_format);
        Assert.True(convolution.weight.is_contiguous());
        Assert.True(before.ValuesEqual(convolution.weight.detach()));
    }

    [Fact]
    public void A_network_keeps_its_parameters_and_computes_the_same()
    {
        using var network = nn.Sequential(new Conv2d(3, 8, 3, padding: 1), new BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), new Linear(8, 2));
        network.eval();
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        {
            var images = torch.rand([2, 3, 5, 5]);
            var (expected, gradient) = Run(images);
            TorchSharp.Modules.Parameter[] parameters = [.. network.parameters()];
            network.ToMemoryFormat(memory_format.channels_last);
            Assert.All(network.parameters().Zip(parameters), pair => Assert.Same(pair.Second, pair.First));
            Assert.Null(parameters[0].grad);
            var (output, other) = Run(TensorMemory.Contiguous(images, memory_format.channels_last));
            TorchFixtures.Near(expected, output, 1e-6);
            TorchFixtures.Near(gradient, other, 1e-5);
            foreach (var parameter in parameters)
                parameter.grad = null;
        }

        Assert.Equal(before, TensorCount.Settled());

        (double[] Output, double[] Gradient) Run(Tensor images)
        {
            var output = network.call(images);
            output.sum().backward();
            return (output.to(ScalarType.Float64).ToArray<double>(), network.parameters().First().grad!.to(ScalarType.Float64).ToArray<double>());
        }
    }
}
