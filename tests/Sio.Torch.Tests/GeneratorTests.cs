namespace Sio.Torch.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void A_seed_gives_the_numbers_it_gives_in_Python()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(7);
        var expected = Support.Fixture("reference.json").GetProperty("generator");
        Support.Near(expected.GetProperty("rand").Doubles(), Tensor.Rand([3], generator).To(DType.Float64).ToArray<double>(), 0);
        Support.Near(expected.GetProperty("randn").Doubles(), Tensor.Randn([20], generator).To(DType.Float64).ToArray<double>(), 2e-7);
        Assert.Equal(expected.GetProperty("randperm").Longs(), Tensor.RandPerm(10, generator).ToArray<long>());
    }

    [Fact]
    public void A_saved_state_goes_on_where_it_was()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(1);
        _ = Tensor.Randn([5], generator);
        var state = generator.GetState();
        var first = Tensor.Randn([7], generator).ToArray<float>();
        using var other = new Generator(99);
        other.SetState(state);
        Assert.Equal(first, Tensor.Randn([7], other).ToArray<float>());
        generator.Seed(1);
        Assert.NotEqual(first, Tensor.Randn([7], generator).ToArray<float>());
        Assert.Throws<TorchException>(() => generator.SetState(Tensor.Zeros([3], DType.UInt8)));
    }

    [Fact]
    public void The_shared_generator_can_be_seeded()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        var first = Tensor.Rand([4]).ToArray<float>();
        TorchRuntime.ManualSeed(3);
        Assert.Equal(first, Tensor.Rand([4]).ToArray<float>());
    }
}
