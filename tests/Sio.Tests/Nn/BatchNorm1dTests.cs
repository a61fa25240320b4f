using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class BatchNorm1dTests
{
    // Columns (1, 3) and (0, 4): means 2 and 2, variances 1 and 4, unbiased 2 and 8.
    [Fact]
    public void Columns_are_normalised_and_one_row_alone_is_by_the_running_statistics()
    {
        using var scope = NewDisposeScope();
        using var norm = new BatchNorm1d(2, eps: 0, momentum: 0.5);
        Assert.Equal([-1f, -1, 1, 1], norm.call(torch.tensor(new float[] { 1f, 0, 3, 4 }, [2, 2])).ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1f, 1], Buffer("running_mean"), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1.5f, 4.5f], Buffer("running_var"), (a, b) => Math.Abs(a - b) < 1e-6);

        // In training and in evaluation; the statistics stay.
        foreach (var training in new[] { true, false })
        {
            norm.train(training);
            var alone = norm.call(torch.tensor(new float[] { 2f, 4 }, [1, 2])).ToArray<float>();
            Assert.Equal([1 / Math.Sqrt(1.5), 3 / Math.Sqrt(4.5)], Array.ConvertAll(alone, value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
            Assert.Equal([1.5f, 4.5f], Buffer("running_var"), (a, b) => Math.Abs(a - b) < 1e-6);
        }

        float[] Buffer(string name) => norm.named_buffers().Single(entry => entry.name == name).buffer.ToArray<float>();
    }
}
