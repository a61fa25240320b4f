using System.Runtime.InteropServices;
using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

/// <summary>What does not fit is said with the layer and the shapes, in one line.</summary>
public sealed class LayerErrorTests
{
    [Fact]
    public void A_convolution_names_itself_and_the_shapes()
    {
        using var scope = NewDisposeScope();
        using var convolution = new Conv2d(3, 4, 3);
        var error = Assert.Throws<TorchException>(() => convolution.call(torch.zeros([2, 5, 8, 8])));
        AssertOneLine(error, "Conv2d([2,5,8,8] float32, [4,3,3,3] float32): ");
        Assert.Contains("5 channels", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_linear_layer_names_itself_and_the_shapes_in_every_precision()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(3, 4);
        AssertOneLine(Assert.Throws<TorchException>(() => linear.call(torch.zeros([2, 5]))), "Linear([2,5] float32, [4,3] float32): ");
        AssertOneLine(
            Assert.Throws<TorchException>(() => linear.call(torch.zeros([2, 3], dtype: ScalarType.Float64))), "Linear([2,3] float64, [4,3] float32): ");
        using (Precision.To(ScalarType.BFloat16))
            AssertOneLine(Assert.Throws<TorchException>(() => linear.call(torch.zeros([2, 5]))), "Linear([2,5] float32, [4,3] float32): ");
    }

    [Fact]
    public void A_failed_pass_leaves_no_tensor_behind()
    {
        using var network = nn.Sequential(new Conv2d(3, 4, 3), nn.ReLU(), new Linear(7, 2));
        using var images = torch.zeros([1, 3, 4, 4]);
        var before = TensorCount.Settled();
        for (var i = 0; i < 10; i++)
        {
            using var scope = NewDisposeScope();
            Assert.Throws<TorchException>(() => network.call(images));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static void AssertOneLine(TorchException error, string start)
    {
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Equal(start, error.Operation + ": ");
        Assert.Equal(error.Message, $"{error.Operation}: {error.Reason}");
        Assert.NotEmpty(error.Reason);
        foreach (var unwanted in new[] { "\n", "frame #", "Exception raised from" })
            Assert.DoesNotContain(unwanted, error.Message, StringComparison.Ordinal);
        Assert.IsType<ExternalException>(error.InnerException);
    }
}
