using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

public sealed class GeneratorShapeTests
{
    [Theory]
    [InlineData(28, 28, 2)]
    [InlineData(32, 32, 3)]
    [InlineData(36, 60, 2)]
    [InlineData(52, 52, 2)]
    [InlineData(64, 64, 4)]
    [InlineData(256, 256, 6)]
    public void Every_size_is_halved_until_it_is_odd_or_4(int height, int width, int halvings) =>
        Assert.Equal(halvings, new GeneratorShape(3, height, width, 2).Halvings);

    [Theory]
    [InlineData(1, 28, 28)]
    [InlineData(3, 32, 32)]
    [InlineData(3, 40, 36)]
    [InlineData(1, 44, 64)]
    public void A_gan_makes_and_judges_images_of_every_size(int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var settings = ToyImages.Settings with { Gan = ToyImages.Settings.Gan with { GeneratorChannels = 2, DiscriminatorChannels = 2 } };
        using var model = GeneratorTrainer.NewModel(settings, new GeneratorShape(channels, height, width, 3), 1, CPU);
        var measures = model.Step(torch.rand([4, channels, height, width], generator: random), torch.tensor(new long[] { 0, 1, 2, 0 }), 0, random).ToArray<float>();
        Assert.Equal(model.Measures.Count, measures.Length);
        Assert.All(measures, value => Assert.True(float.IsFinite(value)));
        var labels = torch.zeros([model.SampleBatch], dtype: ScalarType.Int64);
        var made = model.Sample(labels, new SampleNoise(1, [.. Enumerable.Range(0, model.SampleBatch).Select(i => (0, i))], CPU));
        Assert.Equal([model.SampleBatch, channels, height, width], made.shape);
        Assert.InRange(made.abs().max().ToDouble(), 1e-6, 1);
    }

    [Fact]
    public void Sets_that_no_generator_could_learn_are_refused_early()
    {
        Assert.Contains("class 1 has 0 of 4 images", Refusal(28, 1, [0, 0, 2, 2]), StringComparison.Ordinal);
        Assert.Contains("class 1 has 1 of 3 images", Refusal(28, 1, [0, 0, 1]), StringComparison.Ordinal);
        Assert.Contains("image 1 has no label", Refusal(28, 1, [0, -1, 0]), StringComparison.Ordinal);
        Assert.Contains("has no classes", Refusal(28, 1, []), StringComparison.Ordinal);
        Assert.Contains("multiples of 4", Refusal(30, 1, [0, 0, 1, 1]), StringComparison.Ordinal);
        Assert.Contains("multiples of 4 from 8", Refusal(4, 1, [0, 0, 1, 1]), StringComparison.Ordinal);
        Assert.Contains("2 channels", Refusal(28, 2, [0, 0, 1, 1]), StringComparison.Ordinal);
    }

    private static string Refusal(int side, int channels, int[] labels)
    {
        var set = new ImageSet("set", new byte[labels.Length * channels * side * side], labels, channels, side, side, labels.Length == 0 ? 0 : labels.Max() + 1);
        return Assert.Throws<DataException>(() => new GeneratorTrainer(ToyImages.Settings, set, 1)).Message;
    }
}
