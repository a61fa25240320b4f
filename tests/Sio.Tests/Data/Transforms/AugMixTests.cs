using Sio.Data;
using Sio.Data.Transforms;

namespace Sio.Tests.Data.Transforms;

public sealed class AugMixTests
{
    private static readonly ImageSize s_size = new(3, 12, 12);

    [Fact]
    public void A_view_is_a_function_of_the_stream_and_lies_in_0_to_1()
    {
        var transform = new AugMixTransform(3, 3, -1, 1, allOperations: true);
        var image = Enumerable.Range(0, s_size.Length).Select(i => (byte)(i * 37)).ToArray();
        float[] first = new float[image.Length], second = new float[image.Length];
        var changed = 0;
        for (var i = 0; i < 100; i++)
        {
            transform.Apply(image, first, s_size, RandomStream.For(1, "test", i));
            Array.Fill(second, float.NaN);
            transform.Apply(image, second, s_size, RandomStream.For(1, "test", i));
            Assert.Equal(first, second);
            Assert.All(first, value => Assert.InRange(value, 0, 1.000001f));
            changed += first.Zip(image).Any(pair => Math.Abs(pair.First - (pair.Second / 255f)) > 1e-4) ? 1 : 0;
        }

        // Autocontrast and others find nothing to do now and then.
        Assert.InRange(changed, 90, 100);
    }

    /// <summary>All shares sum to 1: what no operation changes stays. A flat image has no contrast to stretch and no values to spread; posterising 64 to 4 or 3 bits leaves it, and 64 is below every threshold.</summary>
    [Fact]
    public void Shares_of_chains_and_image_sum_to_1()
    {
        var transform = new AugMixTransform(1, 4, 2, 0.3, allOperations: false);
        var image = Enumerable.Repeat((byte)64, s_size.Length).ToArray();
        var result = new float[image.Length];
        for (var i = 0; i < 100; i++)
        {
            transform.Apply(image, result, s_size, RandomStream.For(1, "test", i));

            // The middle, where no black comes in from the edges at this severity.
            Assert.Equal(64 / 255f, result[(6 * 12) + 6], 1e-5f);
        }
    }

    [Fact]
    public void Severity_moves_a_view_further_from_its_image()
    {
        var image = FractalImages.Make(1, 3, 12, 12, 1).Pixels;
        Assert.True(Distance(10) > 1.5 * Distance(1), $"{Distance(10)} and {Distance(1)}");

        double Distance(int severity)
        {
            var transform = new AugMixTransform(severity, 3, -1, 1, allOperations: false);
            var result = new float[image.Length];
            var sum = 0.0;
            for (var i = 0; i < 200; i++)
            {
                transform.Apply(image, result, s_size, RandomStream.For(1, "test", i));
                sum += result.Zip(image).Sum(pair => Math.Abs(pair.First - (pair.Second / 255.0)));
            }

            return sum;
        }
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugMixTransform(0, 3, -1, 1, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugMixTransform(3, 0, -1, 1, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugMixTransform(3, 3, -1, 0, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandAugmentTransform(1, 31));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandAugmentTransform(-1, 3));
    }

    [Fact]
    public void RandAugment_does_as_many_operations_as_asked_for_and_reaches_all()
    {
        var image = Enumerable.Range(0, s_size.Length).Select(i => (byte)(60 + (i % 90))).ToArray();
        var result = new float[image.Length];
        new RandAugmentTransform(0, 14).Apply(image, result, s_size, RandomStream.For(1, "test"));
        Assert.Equal(image.Select(value => value / 255f), result);

        // One operation: each of 14, most of them in two directions, has a result of its own; what does nothing to this image falls together.
        var results = new HashSet<string>();
        for (var i = 0; i < 400; i++)
        {
            new RandAugmentTransform(1, 14).Apply(image, result, s_size, RandomStream.For(1, "test", i));
            results.Add(Convert.ToHexString(Array.ConvertAll(result, value => (byte)MathF.Round(value * 255))));
        }

        // Identity; autocontrast; equalize; posterize; solarize, above all values; nine in two directions.
        Assert.InRange(results.Count, 20, 23);
    }

    [Fact]
    public void A_padding_beyond_the_image_leaves_black()
    {
        var set = FractalImages.Make(3, 1, 5, 5, 1);
        var augmentation = new BatchAugmentation([0f], [1f], padding: 9, flip: true, seed: 1);
        var result = new float[3 * 25];
        for (var step = 0; step < 50; step++)
            augmentation.Fill(new Batch([0, 1, 2], [], step: step), set, null, result, new RandAugmentTransform(1, 0), 0);
        Assert.All(result, value => Assert.InRange(value, 0, 1));
    }
}
