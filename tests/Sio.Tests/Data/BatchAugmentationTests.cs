using FsCheck.Fluent;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class BatchAugmentationTests
{
    private static readonly float[] Mean = [0.4914f, 0.4822f, 0.4465f];
    private static readonly float[] Std = [0.2470f, 0.2435f, 0.2616f];

    [Fact]
    public void Equals_a_pixel_by_pixel_reference()
    {
        var cases = from height in Gen.Choose(1, 7)
                    from width in Gen.Choose(1, 7)
                    from padding in Gen.Choose(0, 9)
                    from flip in Gen.Elements(true, false)
                    from seed in Gen.Choose(0, int.MaxValue)
                    select (height, width, padding, flip, seed);
        Properties.ForAll(cases, c =>
        {
            var (height, width, padding, flip, seed) = c;
            var real = Colour(5, height, width, 1);
            var synthetic = Colour(4, height, width, 2);
            var batch = new Batch([4, 0, 2, 2], [3, 3, 0], step: seed % 1000);
            var augmentation = new BatchAugmentation(Mean, Std, padding, flip, seed);
            var got = new float[batch.Count * real.ImageLength];
            augmentation.Fill(batch, real, synthetic, got);

            var key = RandomStream.Key(seed, "augmentation", batch.Step);
            var expected = new List<float>();
            for (var i = 0; i < batch.Count; i++)
            {
                var image = i < 4 ? real.Image(batch.Real[i]) : synthetic.Image(batch.Synthetic[i - 4]);
                var (down, right, mirrored) = augmentation.DrawShift(key, i);
                expected.AddRange(Naive(image.ToArray(), height, width, down, right, mirrored));
            }

            Assert.Equal(expected, got);
        });
    }

    [Fact]
    public void Without_crop_and_flip_it_only_normalises()
    {
        var set = Colour(6, 4, 5, 1);
        var batch = new Batch([1, 2, 3], []);
        var (filled, plain) = (new float[3 * 60], new float[3 * 60]);
        BatchAugmentation.Evaluation(Mean, Std).Fill(batch, set, null, filled);
        new BatchAugmentation(Mean, Std, 4, true, 9).FillPlain(set, 1, 3, plain);
        Assert.Equal(Naive(set.Pixels[60..240], 4, 5, 0, 0, false), plain);
        Assert.Equal(plain, filled);
        Assert.Equal(((set.Pixels[60] / 255f) - Mean[0]) / Std[0], plain[0]);
    }

    [Fact]
    public void An_alternating_flip_shows_both_views_of_an_image_in_two_epochs()
    {
        var (real, synthetic) = (Colour(200, 3, 4, 1), Colour(40, 3, 4, 2));
        int[] all = [.. Enumerable.Range(0, 200)], more = [.. Enumerable.Range(0, 40)];
        var augmentation = new BatchAugmentation(Mean, Std, 0, true, 5) { AlternatingFlip = true };
        var views = Enumerable.Range(0, 4).Select(epoch => Mirrored(augmentation, all, more, epoch)).ToArray();
        Assert.Equal(views[0], views[2]);
        Assert.Equal(views[0].Select(mirrored => !mirrored), views[1]);
        Assert.Equal(views[1], views[3]);
        Assert.InRange(views[0].Count(mirrored => mirrored), 90, 150);

        // It is the image that says so, not its place; and without flip nothing is mirrored.
        Assert.Equal(views[0][..200].Reverse(), Mirrored(augmentation, [.. all.Reverse()], more, 0)[..200]);
        Assert.NotEqual(views[0], Mirrored(augmentation.WithSeed(6), all, more, 0));
        Assert.Equal(views[0], Mirrored(augmentation.WithSeed(6).WithSeed(5), all, more, 0));
        Assert.All(Mirrored(new BatchAugmentation(Mean, Std, 0, false, 5) { AlternatingFlip = true }, all, more, 1), Assert.False);

        bool[] Mirrored(BatchAugmentation transform, int[] first, int[] second, int epoch)
        {
            var batch = new Batch(first, second, epoch, 0, epoch);
            var (got, plain) = (new float[batch.Count * 36], new float[batch.Count * 36]);
            transform.Fill(batch, real, synthetic, got);
            BatchAugmentation.Evaluation(Mean, Std).Fill(batch, real, synthetic, plain);
            return
            [
                .. Enumerable.Range(0, batch.Count).Select(i =>
                {
                    var (image, original) = (got.AsSpan(i * 36, 36).ToArray(), plain.AsSpan(i * 36, 36).ToArray());
                    if (image.SequenceEqual(original))
                        return false;
                    Assert.Equal(original.Chunk(4).SelectMany(row => row.Reverse()), image);
                    return true;
                }),
            ];
        }
    }

    [Fact]
    public void Every_shift_is_drawn_alike_and_half_the_images_are_mirrored()
    {
        var augmentation = new BatchAugmentation(Mean, Std, 4, true, 3);
        var counts = new Dictionary<(int, int), int>();
        var mirrored = 0;
        const int draws = 81 * 500;
        for (var i = 0; i < draws; i++)
        {
            var (down, right, mirror) = augmentation.DrawShift(RandomStream.Key(3, "augmentation", i / 128), i % 128);
            Assert.InRange(down, -4, 4);
            Assert.InRange(right, -4, 4);
            counts[(down, right)] = counts.GetValueOrDefault((down, right)) + 1;
            mirrored += mirror ? 1 : 0;
        }

        Assert.Equal(81, counts.Count);
        // Chi-square with 80 degrees of freedom; 130 is passed once in 2,800 seeds.
        Assert.InRange(counts.Values.Sum(n => Math.Pow(n - 500, 2) / 500), 35, 130);
        Assert.Equal(0.5, (double)mirrored / draws, 0.01);
    }

    [Fact]
    public void An_image_depends_on_seed_step_and_place_alone()
    {
        var set = Colour(8, 6, 6, 1);
        float[] Fill(long seed, long step, params int[] images)
        {
            var result = new float[images.Length * set.ImageLength];
            new BatchAugmentation(Mean, Std, 2, true, seed).Fill(new Batch(images, [], step: step), set, null, result);
            return result;
        }

        var all = Fill(1, 5, 0, 1, 2, 3, 4, 5, 6, 7);
        Assert.Equal(all, Fill(1, 5, 0, 1, 2, 3, 4, 5, 6, 7));
        Assert.Equal(all[..108], Fill(1, 5, 0));
        Assert.NotEqual(all, Fill(2, 5, 0, 1, 2, 3, 4, 5, 6, 7));
        Assert.NotEqual(all, Fill(1, 6, 0, 1, 2, 3, 4, 5, 6, 7));

        var shared = new BatchAugmentation(Mean, Std, 2, true, 1);
        Parallel.For(0, 50, i =>
        {
            var result = new float[all.Length];
            shared.Fill(new Batch([0, 1, 2, 3, 4, 5, 6, 7], [], step: 5), set, null, result);
            Assert.Equal(all, result);
        });
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        var set = Colour(2, 4, 4, 1);
        var grey = new ImageSet("grey", new byte[16], [0], 1, 4, 4, 1);
        var augmentation = new BatchAugmentation(Mean, Std, 1, true, 1);
        var room = new float[2 * 48];
        Refused("takes at", () => augmentation.Fill(new Batch([2], []), set, null, room), "Image 2 is not in");
        Refused("room", () => augmentation.Fill(new Batch([0, 1, 0], []), set, null, room), "Room for 96 values");
        Refused("channels", () => augmentation.Fill(new Batch([0], []), grey, null, room), "has 1 channels");
        Refused("sizes", () => augmentation.Fill(new Batch([0], [0]), set, grey, room), "different sizes");
        Refused("none", () => augmentation.Fill(new Batch([0], [0]), set, null, room), "no synthetic set");
        Refused("range", () => augmentation.FillPlain(set, 1, 2, room), "Images 1..2 are not in");
        Refused("std", () => _ = new BatchAugmentation([0.5f], [0f], 0, false, 1), "above 0");
        Refused("nan", () => _ = new BatchAugmentation([float.NaN], [1f], 0, false, 1), "finite");
        Refused("lengths", () => _ = new BatchAugmentation([0.5f], [1f, 1f], 0, false, 1), "one of each per channel");
        Refused("padding", () => _ = new BatchAugmentation([0.5f], [1f], -1, false, 1), "padding");

        static void Refused(string what, Action act, string expected)
        {
            var error = Assert.ThrowsAny<ArgumentException>(act);
            Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{what}: {error.Message}");
        }
    }

    /// <summary>Pads, crops, mirrors and normalises one step after the other, as torchvision does.</summary>
    private static float[] Naive(byte[] images, int height, int width, int down, int right, bool mirrored)
    {
        var result = new float[images.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (plane, y, x) = (i / (height * width), i / width % height, i % width);
            var (fromY, fromX) = (y + down, (mirrored ? width - 1 - x : x) + right);
            var inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
            var value = inside ? images[(((plane * height) + fromY) * width) + fromX] : (byte)0;
            result[i] = ((value / 255f) - Mean[plane % 3]) / Std[plane % 3];
        }

        return result;
    }

    private static ImageSet Colour(int count, int height, int width, long seed)
    {
        var noise = NoiseImages.Uniform(count, 3, height, width, seed);
        return new ImageSet("colour", noise.Pixels, new int[count], 3, height, width, 1);
    }
}
