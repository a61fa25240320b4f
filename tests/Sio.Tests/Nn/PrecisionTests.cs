using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class PrecisionTests
{
    [Fact]
    public void Layers_take_the_smaller_type_until_the_scope_ends()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(3, 3);
        using var convolution = new Conv2d(3, 2, 1);
        var (rows, images) = (torch.rand([3, 3]), torch.rand([1, 3, 2, 2]));
        using (Precision.To(ScalarType.BFloat16))
        {
            Assert.Equal((ScalarType.BFloat16, ScalarType.BFloat16), Types());
            using (Precision.To(null))
                Assert.Equal((ScalarType.Float32, ScalarType.Float32), Types());
            Assert.Equal((ScalarType.BFloat16, ScalarType.BFloat16), Types());
            using (Precision.To(ScalarType.Float16))
                Assert.Equal((ScalarType.Float16, ScalarType.Float16), Types());
            Assert.Equal((ScalarType.BFloat16, ScalarType.BFloat16), Types());
        }

        Assert.Null(Precision.Current);
        Assert.Equal((ScalarType.Float32, ScalarType.Float32), Types());

        (ScalarType Linear, ScalarType Convolution) Types() => (linear.call(rows).dtype, convolution.call(images).dtype);
    }

    [Fact]
    public void Another_thread_keeps_its_own_type()
    {
        ScalarType? elsewhere = ScalarType.Int8;
        using (Precision.To(ScalarType.BFloat16))
        {
            var thread = new Thread(() => elsewhere = Precision.Current);
            thread.Start();
            thread.Join();
            Assert.Equal(ScalarType.BFloat16, Precision.Current);
        }

        Assert.Null(elsewhere);
    }

    // A converted weight that was kept would be that of the step before.
    [Fact]
    public void A_weight_that_changed_between_two_passes_is_the_changed_one()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(2, 1, bias: false);
        var input = torch.ones([1, 2]);
        Set(1);
        Assert.Equal(2, Pass());
        Set(4);
        Assert.Equal(8, Pass());

        void Set(double value)
        {
            using (no_grad())
                linear.weight.fill_(value);
        }

        double Pass()
        {
            using (Precision.To(ScalarType.BFloat16))
                return linear.call(input).ToDouble();
        }
    }

    [Fact]
    public void Gradients_of_float32_weights_are_float32()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(2, 2);
        var input = torch.ones([1, 2]);
        input.requires_grad = true;
        Tensor output;
        using (Precision.To(ScalarType.BFloat16))
            output = linear.call(input);
        output.sum().backward();
        Assert.Equal([1, 1, 1, 1], linear.weight.grad!.ToArray<float>());
        Assert.Equal([1, 1], linear.bias!.grad!.ToArray<float>());
        Assert.Equal(ScalarType.Float32, input.grad!.dtype);
    }

    // bfloat16 has eight bits of precision: the product is near that of float32, and is not it.
    [Fact]
    public void Values_are_those_of_the_smaller_type()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(2);
        using var convolution = new Conv2d(4, 6, 3, padding: 1, generator: generator);
        var images = torch.rand([2, 4, 6, 6], generator: generator);
        var expected = convolution.call(images).to(ScalarType.Float64);
        Tensor output;
        using (Precision.To(ScalarType.BFloat16))
            output = convolution.call(images).to(ScalarType.Float64);
        Assert.InRange((output - expected).abs().max().ToDouble(), 1e-6, 0.02);
    }

    [Fact]
    public void Casting_leaves_no_tensor_behind()
    {
        using var linear = new Linear(2, 2);
        using var convolution = new Conv2d(2, 2, 1);
        using var rows = torch.ones([1, 2]);
        using var images = torch.ones([1, 2, 3, 3]);
        using var noGrad = no_grad();
        var before = TensorCount.Settled();
        using (Precision.To(ScalarType.BFloat16))
        {
            linear.call(rows).Dispose();
            convolution.call(images).Dispose();
            Assert.Throws<TorchException>(() => linear.call(images));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
