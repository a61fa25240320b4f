using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

public sealed class GeneratorTests
{
    [Fact]
    public void A_seed_gives_the_numbers_it_gives_in_Python()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var expected = TorchFixtures.Fixture("reference.json").GetProperty("generator");
        TorchFixtures.Near(expected.GetProperty("rand").Doubles(), torch.rand([3], generator: generator).to(ScalarType.Float64).ToArray<double>(), 0);
        TorchFixtures.Near(expected.GetProperty("randn").Doubles(), torch.randn([20], generator: generator).to(ScalarType.Float64).ToArray<double>(), 2e-7);
        Assert.Equal(expected.GetProperty("randperm").Longs(), torch.randperm(10, dtype: ScalarType.Int64, generator: generator).ToArray<long>());
    }

    [Fact]
    public void A_saved_state_goes_on_where_it_was()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        _ = torch.randn([5], generator: generator);
        var state = generator.get_state();
        var first = torch.randn([7], generator: generator).ToArray<float>();
        using var other = new Generator(99);
        other.set_state(state);
        Assert.Equal(first, torch.randn([7], generator: other).ToArray<float>());
        generator.manual_seed((long)(1));
        Assert.NotEqual(first, torch.randn([7], generator: generator).ToArray<float>());
    }

    [Fact]
    public void The_shared_generator_can_be_seeded()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.ManualSeed(3);
        var first = torch.rand([4]).ToArray<float>();
        TorchRuntime.ManualSeed(3);
        Assert.Equal(first, torch.rand([4]).ToArray<float>());
    }
}
