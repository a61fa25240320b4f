namespace Sio.Torch.Tests;

public sealed class AutocastTests
{
    [Fact]
    public void Products_take_the_smaller_type_until_the_scope_ends()
    {
        using var scope = new TensorScope();
        var matrix = Tensor.Rand([3, 3]);
        using (Autocast.To(DeviceType.Cpu, DType.BFloat16))
        {
            Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
            using (Autocast.Unchanged())
                Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
            Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
            // Another kind of device is another matter.
            using (Autocast.To(DeviceType.Cuda, DType.Float16))
                Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
            Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
        }

        Assert.Equal(DType.Float32, matrix.MatMul(matrix).DType);
    }

    [Fact]
    public void Scopes_nest()
    {
        using var scope = new TensorScope();
        var matrix = Tensor.Rand([3, 3]);
        using (Autocast.To(DeviceType.Cpu, DType.BFloat16))
        {
            using (Autocast.To(DeviceType.Cpu, DType.BFloat16))
                Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
            Assert.Equal(DType.BFloat16, matrix.MatMul(matrix).DType);
        }
    }

    // LibTorch keeps converted weights; after an optimiser's step they would be those of the step before.
    [Fact]
    public void A_weight_that_changed_between_two_passes_is_the_changed_one()
    {
        using var scope = new TensorScope();
        var (input, weight) = (Tensor.Ones([1, 2]), Tensor.Ones([1, 2]));
        weight.RequiresGrad = true;
        Assert.Equal(2, Pass());
        using (GradMode.NoGrad())
            weight.Fill_(4);
        Assert.Equal(8, Pass());

        double Pass()
        {
            using (Autocast.To(DeviceType.Cpu, DType.BFloat16))
                return input.Linear(weight).Item().ToDouble();
        }
    }

    [Fact]
    public void Gradients_of_float32_weights_are_float32()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Ones([2, 2]);
        weight.RequiresGrad = true;
        Tensor output;
        using (Autocast.To(DeviceType.Cpu, DType.BFloat16))
            output = Tensor.Ones([1, 2]).Linear(weight);
        output.Sum().Backward();
        Assert.Equal(DType.Float32, weight.Grad!.DType);
    }

    [Fact]
    public void Other_types_are_refused() =>
        Assert.Contains("bfloat16 or to float16", Assert.Throws<TorchException>(() => Autocast.To(DeviceType.Cpu, DType.Float64).Dispose()).Message, StringComparison.Ordinal);
}
