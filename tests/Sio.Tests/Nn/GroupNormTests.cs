using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class GroupNormTests
{
    [Fact]
    public void Each_group_of_each_image_gets_mean_zero_and_variance_one_then_scale_and_shift()
    {
        using var scope = NewDisposeScope();
        using var norm = new GroupNorm(4, groups: 2);
        using (no_grad())
        {
            norm.weight.copy_(torch.tensor(new float[] { 1, 1, 2, 2 }));
            norm.bias.copy_(torch.tensor(new float[] { 0, 10, 0, 0 }));
        }

        // Two groups of two channels of two pixels: 1, 2, 3, 4 has mean 2.5 and variance 1.25; 0, 0, 8, 8 has mean 4 and variance 16.
        var output = norm.call(torch.tensor(new float[] { 1, 2, 3, 4, 0, 0, 8, 8 }, [1, 4, 1, 2])).ToArray<float>();
        var unit = Math.Sqrt(1.25);
        TorchFixtures.Near([-1.5 / unit, -0.5 / unit, 10 + (0.5 / unit), 10 + (1.5 / unit), -2, -2, 2, 2], [.. output.Select(value => (double)value)], 1e-4);
        Assert.Equal(ScalarType.Float32, norm.call(torch.ones([1, 4, 1, 2], dtype: ScalarType.BFloat16)).dtype);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 3)]
    [InlineData(96, 4)]
    [InlineData(144, 6)]
    [InlineData(256, 8)]
    public void Without_a_number_groups_have_four_channels_or_more(int channels, int perGroup)
    {
        using var scope = NewDisposeScope();
        using var norm = new GroupNorm(channels);
        var output = norm.call(torch.rand([1, channels, 2, 2])).reshape(-1, perGroup * 4);
        TorchFixtures.Near([.. Enumerable.Repeat(0.0, (int)output.size(0))], [.. output.mean([1]).detach().ToArray<float>().Select(value => (double)value)], 1e-5);
        Assert.InRange(output.detach().narrow(1, 0, (perGroup * 4) - 1).mean([1]).abs().max().ToDouble(), 1e-4, 10);
    }

    [Fact]
    public void Groups_that_do_not_fit_are_refused() => Assert.Throws<ArgumentException>(() => new GroupNorm(6, groups: 4));
}
