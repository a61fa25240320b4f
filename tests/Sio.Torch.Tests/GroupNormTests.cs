using Sio.Torch.Nn;

namespace Sio.Torch.Tests;

public sealed class GroupNormTests
{
    [Fact]
    public void Each_group_of_each_image_gets_mean_zero_and_variance_one_then_scale_and_shift()
    {
        using var scope = new TensorScope();
        using var norm = new GroupNorm(4, groups: 2);
        using (GradMode.NoGrad())
        {
            norm.Weight.Copy_(Tensor.From<float>([1, 1, 2, 2]));
            norm.Bias.Copy_(Tensor.From<float>([0, 10, 0, 0]));
        }

        // Two groups of two channels of two pixels: 1, 2, 3, 4 has mean 2.5 and variance 1.25; 0, 0, 8, 8 has mean 4 and variance 16.
        var output = norm.Forward(Tensor.From<float>([1, 2, 3, 4, 0, 0, 8, 8], 1, 4, 1, 2)).ToArray<float>();
        var unit = Math.Sqrt(1.25);
        Support.Near([-1.5 / unit, -0.5 / unit, 10 + (0.5 / unit), 10 + (1.5 / unit), -2, -2, 2, 2], [.. output.Select(value => (double)value)], 1e-4);
        Assert.Equal(DType.Float32, norm.Forward(Tensor.Ones([1, 4, 1, 2], DType.BFloat16)).DType);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 3)]
    [InlineData(96, 4)]
    [InlineData(144, 6)]
    [InlineData(256, 8)]
    public void Without_a_number_groups_have_four_channels_or_more(int channels, int perGroup)
    {
        using var scope = new TensorScope();
        using var norm = new GroupNorm(channels);
        var output = norm.Forward(Tensor.Rand([1, channels, 2, 2])).Reshape(-1, perGroup * 4);
        Support.Near([.. Enumerable.Repeat(0.0, (int)output.Size(0))], [.. output.Mean([1]).Detach().ToArray<float>().Select(value => (double)value)], 1e-5);
        Assert.InRange(output.Detach().Narrow(1, 0, (perGroup * 4) - 1).Mean([1]).Abs().Max().Item().ToDouble(), 1e-4, 10);
    }

    [Fact]
    public void Groups_that_do_not_fit_are_refused() => Assert.Throws<ArgumentException>(() => new GroupNorm(6, groups: 4));

    [Fact]
    public void Weights_can_be_put_into_another_memory_order()
    {
        using var scope = new TensorScope();
        using var convolution = new Conv2d(3, 4, 3);
        var before = convolution.Weight.Detach().Clone();
        convolution.To(MemoryFormat.ChannelsLast);
        Assert.True(convolution.Weight.IsContiguous(MemoryFormat.ChannelsLast));
        Assert.False(convolution.Weight.IsContiguous());
        Assert.True(convolution.Weight.RequiresGrad);
        Assert.True(before.ValuesEqual(convolution.Weight.Detach()));
    }
}
