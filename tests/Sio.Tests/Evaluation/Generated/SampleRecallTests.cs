using Sio.Engine;
using Sio.Data;
using Sio.Evaluation.Generated;

namespace Sio.Tests.Evaluation.Generated;

public sealed class SampleRecallTests
{
    [Fact]
    public void Other_images_of_the_same_kind_are_told_from_few_repeated_ones_and_from_noise()
    {
        var recall = new SampleRecall(Bars("real", 600), 3);
        var others = recall.Of(Bars("others", 512));
        Assert.InRange(others.Recall, 0.75, 1);
        Assert.InRange(others.Coverage, 0.75, 1);

        // Two images, again and again: each is real, and yet most real ones are far from both.
        var few = Bars("others", 2);
        var repeated = recall.Of(few.Select([.. Enumerable.Range(0, 512).Select(i => i % 2)]));
        Assert.Equal(0, repeated.Recall);
        Assert.InRange(repeated.Coverage, 0, 0.05);

        var noise = new byte[512 * few.ImageLength];
        new Random(1).NextBytes(noise);
        Assert.InRange(recall.Of(new ImageSet("noise", noise, few.Select([.. Enumerable.Repeat(0, 512)]).Labels, 1, 28, 28, 2)).Coverage, 0, 0.02);
    }

    [Fact]
    public void It_depends_on_the_images_and_the_seed_alone_and_leaves_no_tensor()
    {
        var (real, samples) = (Bars("real", 600), Bars("others", 100));
        var live = TensorCount.Settled();
        var first = new SampleRecall(real, 3).Of(samples);
        Assert.Equal(first, new SampleRecall(real, 3).Of(samples));
        Assert.NotEqual(first, new SampleRecall(real, 4).Of(samples));
        Assert.Equal(live, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Images_that_cannot_be_compared_are_refused()
    {
        Assert.Contains("has 3 images, at least 4", Assert.Throws<ArgumentException>(() => new SampleRecall(Bars("real", 3), 0)).Message, StringComparison.Ordinal);
        var other = new ImageSet("small", new byte[8 * 64], new int[8], 1, 8, 8, 1);
        Assert.Contains("image sizes differ", Assert.Throws<ArgumentException>(() => new SampleRecall(Bars("real", 8), 0).Of(other)).Message, StringComparison.Ordinal);
    }

    // A bright bar of any width, place and brightness, upright or lying: three numbers say all of an image, as a few do of real ones.
    private static ImageSet Bars(string name, int count)
    {
        var random = RandomStream.For(5, name);
        var pixels = new byte[count * 28 * 28];
        for (var i = 0; i < count; i++)
        {
            var (middle, half, value) = (6 + (random.NextDouble() * 16), 2 + (random.NextDouble() * 6), 60 + (random.NextDouble() * 190));
            for (var place = 0; place < 28 * 28; place++)
            {
                var across = i % 2 == 0 ? place % 28 : place / 28;
                pixels[(i * 28 * 28) + place] = (byte)(value * Math.Clamp(half - Math.Abs(across - middle) + 0.5, 0, 1));
            }
        }

        return new ImageSet(name, pixels, [.. Enumerable.Range(0, count).Select(i => i % 2)], 1, 28, 28, 2);
    }
}
