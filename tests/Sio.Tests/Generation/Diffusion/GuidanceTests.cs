using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

public sealed class GuidanceTests
{
    private const int NoClass = 7;

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void Guidance_goes_from_no_class_over_the_class_and_beyond(double weight)
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new float[] { 1, 2, 3 }, [3, 1, 1, 1]);
        var labels = torch.tensor(new long[] { 0, 4, 2 });
        var evaluated = new List<long>();
        // D(x; c) = x + 10·c, where no class is number 7.
        var guided = Guidance.Denoise(
            (images, classes) =>
            {
                evaluated.Add(images.size(0));
                return images + (classes.to(ScalarType.Float32) * 10).view(-1, 1, 1, 1);
            },
            x, labels, NoClass, weight);
        double[] expected = [.. new[] { 0, 4, 2 }.Select((label, i) => i + 1 + (10 * (NoClass + (weight * (label - NoClass)))))];
        Assert.Equal(expected, guided.flatten().ToArray<float>().Select(value => Math.Round(value, 4)));
        Assert.Equal([weight is 0 or 1 ? 3 : 6], evaluated);
    }

    // The identity at weight 1, through the whole sampler: one evaluation of half the size gives what both together give.
    [Fact]
    public void Weight_1_is_plain_conditional_sampling()
    {
        var plain = Sample(1);
        var nearly = Sample(1 + 1e-9);
        var strong = Sample(4);
        Assert.InRange(Distance(plain, nearly), 0, 1e-3);
        Assert.InRange(Distance(plain, strong), 1e-2, double.MaxValue);

        static float[] Sample(double weight)
        {
            var settings = ToyDiffusion.Settings with
            {
                Diffusion = ToyDiffusion.Settings.Diffusion with { Sampling = new DiffusionSampling { Steps = 3, Guidance = weight } },
            };
            using var model = ToyDiffusion.Model(settings);
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            (int Class, int Number)[] images = [.. Enumerable.Range(0, 6).Select(i => (i % 2, i))];
            return model.Sample(torch.tensor(((long[])[.. images.Select(image => (long)image.Class)])), new SampleNoise(1, images, CPU)).ToArray<float>();
        }

        static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }

    [Fact]
    public void Classes_are_withheld_at_the_rate_that_was_asked_for()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var labels = torch.randint(0, NoClass, [20_000], dtype: ScalarType.Int64, generator: generator);
        var dropped = Guidance.DropClasses(labels, NoClass, 0.1, generator);
        var withheld = dropped.eq(NoClass);
        // Five standard deviations of a binomial: ±212.
        Assert.InRange(withheld.sum().ToDouble(), 1788, 2212);
        Assert.True(torch.where(withheld, labels, dropped).ValuesEqual(labels));
        Assert.True(Guidance.DropClasses(labels, NoClass, 0, generator).ValuesEqual(labels));
        Assert.Equal(20_000, Guidance.DropClasses(labels, NoClass, 1, generator).eq(NoClass).sum().ToDouble());
    }

    [Fact]
    public void Guidance_needs_a_generator_that_knows_no_class()
    {
        var settings = ToyDiffusion.Settings with { Diffusion = ToyDiffusion.Settings.Diffusion with { ClassDropout = 0 } };
        Assert.Contains("class_dropout above 0", Assert.Throws<DataException>(() => ToyDiffusion.Model(settings)).Message, StringComparison.Ordinal);
    }
}
