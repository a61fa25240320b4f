using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

public sealed class DispatchedOperatorsTests
{
    // Below, at and beyond the length of a vector register, and more than one thread takes.
    private static readonly int[] s_lengths = [1, 7, 16, 1000, 100_003];

    [Theory]
    [InlineData(0, 0, false, false)]
    [InlineData(0, 0.3, false, false)]
    [InlineData(0.9, 0, false, true)]
    [InlineData(0.9, 0, false, false)]
    [InlineData(0.9, 0.3, false, true)]
    [InlineData(0.9, 0.3, false, false)]
    [InlineData(0.9, 0, true, true)]
    [InlineData(0.9, 0.3, true, true)]
    [InlineData(0.9, 0.3, true, false)]
    public void A_step_of_SGD_is_the_formula(double momentum, double decay, bool nesterov, bool first)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        foreach (var (type, tolerance) in new[] { (ScalarType.Float64, 1e-14), (ScalarType.Float32, 1e-6) })
        {
            Tensor[] parameters = Random(), gradients = Random(), buffers = momentum == 0 ? [] : Random();
            var (p, g, b) = (Doubles(parameters), Doubles(gradients), Doubles(buffers));
            Assert.True(DispatchedOperators.TrySgd(parameters, gradients, buffers, decay, momentum, 0.05, nesterov, first));
            for (var i = 0; i < p.Length; i++)
            {
                var expected = new double[p[i].Length];
                var kept = new double[p[i].Length];
                for (var k = 0; k < expected.Length; k++)
                {
                    var change = g[i][k] + (decay * p[i][k]);
                    if (momentum != 0)
                    {
                        kept[k] = first ? change : (momentum * b[i][k]) + change;
                        change = nesterov ? change + (momentum * kept[k]) : kept[k];
                    }

                    expected[k] = p[i][k] - (0.05 * change);
                }

                TorchFixtures.Near(expected, Double(parameters[i]), tolerance);
                if (momentum != 0)
                    TorchFixtures.Near(kept, Double(buffers[i]), tolerance);
                TorchFixtures.Near(g[i], Double(gradients[i]), 0);
            }

            Tensor[] Random() => Array.ConvertAll(s_lengths, length => torch.randn([length], dtype: type, generator: generator));
        }
    }

    [Fact]
    public void Weights_in_another_memory_order_are_changed_where_they_lie()
    {
        using var scope = NewDisposeScope();
        var parameter = TensorMemory.Contiguous(torch.rand([2, 3, 2, 2], dtype: ScalarType.Float64), memory_format.channels_last);
        var gradient = TensorMemory.Contiguous(torch.rand([2, 3, 2, 2], dtype: ScalarType.Float64), memory_format.channels_last);
        var expected = parameter - (gradient * 0.5);
        Assert.True(DispatchedOperators.TrySgd([parameter], [gradient], [], 0, 0, 0.5, nesterov: false, first: false));
        TorchFixtures.Near(Double(expected), Double(parameter), 1e-15);
    }

    [Fact]
    public void Tensors_of_several_types_are_left_alone()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (torch.ones([2]), torch.ones([2], dtype: ScalarType.Float64));
        Assert.False(DispatchedOperators.TrySgd([a, b], [torch.ones([2]), torch.ones([2])], [], 0, 0, 1, nesterov: false, first: false));
        Assert.False(DispatchedOperators.TrySgd([a], [b], [], 0, 0, 1, nesterov: false, first: false));
        Assert.False(DispatchedOperators.TrySgd([a], [torch.ones([2])], [b], 0, 0.9, 1, nesterov: false, first: false));
        Assert.False(DispatchedOperators.TrySgd([a], [torch.ones([3])], [], 0, 0, 1, nesterov: false, first: false));
        Assert.False(DispatchedOperators.TrySgd([a], [], [], 0, 0, 1, nesterov: false, first: false));
        Assert.Equal([1f, 1], a.ToArray<float>());
        Assert.Equal([1.0, 1], b.ToArray<double>());
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var parameter = torch.ones([3]);
        using var gradient = torch.ones([3]);
        using var buffer = torch.zeros([3]);
        var before = TensorCount.Settled();
        for (var i = 0; i < 100; i++)
            Assert.True(DispatchedOperators.TrySgd([parameter], [gradient], [buffer], 0, 0.5, 0.01, nesterov: true, first: i == 0));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Bicubic_sampling_is_PyTorchs()
    {
        using var scope = NewDisposeScope();
        var fixture = TorchFixtures.Fixture("grid_sample.json");
        var images = torch.tensor(fixture.GetProperty("images").Doubles(), [2, 2, 5, 4]);
        var grid = torch.tensor(fixture.GetProperty("grid").Doubles(), [2, 3, 6, 2]);
        var sampled = DispatchedOperators.GridSampleBicubic(images, grid);
        Assert.Equal([2L, 2, 3, 6], sampled.shape);
        TorchFixtures.Near(fixture.GetProperty("output").Doubles(), sampled.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Bicubic_sampling_has_a_gradient_and_frees_its_result()
    {
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        {
            var images = torch.ones([1, 1, 4, 4]);
            images.requires_grad = true;
            DispatchedOperators.GridSampleBicubic(images, torch.zeros([1, 2, 3, 2])).sum().backward();
            // The weights of a cubic sum to 1, for each of the six pixels.
            Assert.Equal(6, images.grad!.sum().ToDouble(), 1e-5);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void A_failed_operator_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<TorchException>(() => DispatchedOperators.GridSampleBicubic(torch.zeros([1, 1, 4, 4]), torch.zeros([1, 2, 3, 3])));
        Assert.Contains("grid_sampler", error.Message, StringComparison.Ordinal);
        Assert.Contains("Float32[1,2,3,3]", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        error = Assert.Throws<TorchException>(() => DispatchedOperators.ToOneDnn(torch.zeros([2, 2], dtype: ScalarType.Float64)));
        Assert.Contains("to_mkldnn", error.Message, StringComparison.Ordinal);
    }

    private static double[][] Doubles(Tensor[] tensors) => Array.ConvertAll(tensors, Double);

    private static double[] Double(Tensor tensor) => tensor.to(ScalarType.Float64).ToArray<double>();
}
