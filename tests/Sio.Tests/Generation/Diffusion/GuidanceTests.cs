using Sio.Data;
using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Torch;

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
        using var scope = new TensorScope();
        var x = Tensor.From<float>([1, 2, 3], 3, 1, 1, 1);
        var labels = Tensor.From<long>([0, 4, 2]);
        var evaluated = new List<long>();
        // D(x; c) = x + 10·c, where no class is number 7.
        var guided = Guidance.Denoise(
            (images, classes) =>
            {
                evaluated.Add(images.Size(0));
                return images + (classes.To(DType.Float32) * 10).View(-1, 1, 1, 1);
            },
            x, labels, NoClass, weight);
        double[] expected = [.. new[] { 0, 4, 2 }.Select((label, i) => i + 1 + (10 * (NoClass + (weight * (label - NoClass)))))];
        Assert.Equal(expected, guided.Flatten().ToArray<float>().Select(value => Math.Round(value, 4)));
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
            using var scope = new TensorScope();
            using var noGrad = GradMode.NoGrad();
            (int Class, int Number)[] images = [.. Enumerable.Range(0, 6).Select(i => (i % 2, i))];
            return model.Sample(Tensor.From<long>([.. images.Select(image => (long)image.Class)]), new SampleNoise(1, images, Device.Cpu)).ToArray<float>();
        }

        static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }

    [Fact]
    public void Classes_are_withheld_at_the_rate_that_was_asked_for()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(5);
        var labels = Tensor.RandInt(0, NoClass, [20_000], generator);
        var dropped = Guidance.DropClasses(labels, NoClass, 0.1, generator);
        var withheld = dropped.Eq(NoClass);
        // Five standard deviations of a binomial: ±212.
        Assert.InRange(withheld.Sum().Item().ToDouble(), 1788, 2212);
        Assert.True(withheld.Where(labels, dropped).ValuesEqual(labels));
        Assert.True(Guidance.DropClasses(labels, NoClass, 0, generator).ValuesEqual(labels));
        Assert.Equal(20_000, Guidance.DropClasses(labels, NoClass, 1, generator).Eq(NoClass).Sum().Item().ToDouble());
    }

    [Fact]
    public void Guidance_needs_a_generator_that_knows_no_class()
    {
        var settings = ToyDiffusion.Settings with { Diffusion = ToyDiffusion.Settings.Diffusion with { ClassDropout = 0 } };
        Assert.Contains("class_dropout above 0", Assert.Throws<DataException>(() => ToyDiffusion.Model(settings)).Message, StringComparison.Ordinal);
    }
}
