using Sio.Data;
using Sio.Data.Images;
using Sio.Engine;

namespace Sio.Tests.Data;

public sealed class StreamedBatchTests
{
    private static readonly ImageSize s_size = new(3, 6, 5);
    private static readonly Normalization s_normalization = new([0.49f, 0.48f, 0.45f], [0.25f, 0.24f, 0.26f]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Batches_are_those_of_sets_in_memory_whatever_the_threads(int threads)
    {
        var (real, realInMemory) = StreamedSetTests.Sets(new FakeSource(40, s_size), threads);
        var (synthetic, syntheticInMemory) = StreamedSetTests.Sets(new FakeSource(30, s_size), 1);
        var extras = new BatchExtras { Views = [null, new Noisy(), new Noisy()], Auxiliary = new AuxiliaryImages(synthetic, 3, Augmentation()) };
        var expectedExtras = extras with { Auxiliary = new AuxiliaryImages(syntheticInMemory, 3, Augmentation()) };
        var batches = new TwoSourceSampler(40, 30, 8, 0.7, 5, SamplingOrder.Continuous).Epoch(1).ToArray();
        using var loader = new BatchLoader(real, synthetic, Augmentation(), batches, extras: extras);
        using var expected = new BatchLoader(realInMemory, syntheticInMemory, Augmentation(), batches, extras: expectedExtras);
        foreach (var (got, right) in loader.Batches().Zip(expected.Batches()))
        {
            using (got)
            using (right)
            {
                Assert.Equal(right.Images.ToArray<float>(), got.Images.ToArray<float>());
                Assert.Equal(right.Labels.ToArray<long>(), got.Labels.ToArray<long>());
                Assert.Equal(2, got.Views.Count);
                foreach (var (view, rightView) in got.Views.Zip(right.Views))
                    Assert.Equal(rightView.ToArray<float>(), view.ToArray<float>());
                Assert.Equal(right.Auxiliary!.ToArray<float>(), got.Auxiliary!.ToArray<float>());
            }
        }

        static BatchAugmentation Augmentation() => new(s_normalization.Mean, s_normalization.Std, 2, flip: true, seed: 8);
    }

    [Fact]
    public void Each_image_of_a_batch_is_read_once_for_all_views()
    {
        var source = new FakeSource(10, s_size);
        var (set, _) = StreamedSetTests.Sets(source, 2);
        var augmentation = new BatchAugmentation(s_normalization.Mean, s_normalization.Std, 2, flip: true, seed: 8);
        using var loader = new BatchLoader(set, null, augmentation, [new Batch([1, 5, 9], [])], extras: new BatchExtras { Views = [new Noisy(), null, new Noisy()] });
        foreach (var batch in loader.Batches())
            batch.Dispose();
        Assert.Equal(3, source.Reads);
    }

    [Fact]
    public void Random_parts_depend_on_seed_step_and_place_alone()
    {
        var crop = new RandomResizedCrop { MinArea = 0.2 };
        var sets = new[] { 1, 2, 5 }.Select(threads => StreamedSetTests.Sets(new FakeSource(20, s_size), threads).Streamed).ToArray();
        var inMemory = StreamedSetTests.Sets(new FakeSource(20, s_size), 1).InMemory;
        foreach (var set in sets.Append(inMemory))
        {
            var first = Fill(1, 3, set, [4, 5, 6, 4]);
            Assert.Equal(first, Fill(1, 3, set.Renamed("again"), [4, 5, 6, 4]));
            Assert.Equal(first[..(2 * s_size.Length)], Fill(1, 3, set, [4, 5]));
            Assert.NotEqual(first, Fill(2, 3, set, [4, 5, 6, 4]));
            Assert.NotEqual(first, Fill(1, 4, set, [4, 5, 6, 4]));
            // The same image twice in a batch gets two parts.
            Assert.NotEqual(first[..s_size.Length], first[(3 * s_size.Length)..]);
            Assert.NotEqual(first, Fill(1, 3, set, [4, 5, 6, 4], crop: false));
        }

        Assert.Equal(Fill(1, 3, sets[0], [4, 5, 6, 4]), Fill(1, 3, sets[1], [4, 5, 6, 4]));
        Assert.Equal(Fill(1, 3, sets[0], [4, 5, 6, 4]), Fill(1, 3, sets[2], [4, 5, 6, 4]));

        // In memory: the part, resized, then flipped and normalised as without it.
        var pixels = new byte[s_size.Length];
        var expected = new byte[4 * s_size.Length];
        foreach (var (place, index) in new[] { 4, 5, 6, 4 }.Index())
        {
            inMemory.CopyCrop(index, crop, RandomStream.For(1, "random resized crop", 3, place), pixels);
            pixels.CopyTo(expected, place * s_size.Length);
        }

        var parts = new ImageSet("parts", expected, new int[4], 3, s_size.Height, s_size.Width, 1);
        Assert.Equal(Fill(1, 3, parts, [0, 1, 2, 3], crop: false), Fill(1, 3, inMemory, [4, 5, 6, 4]));

        float[] Fill(long seed, long step, ImageSet set, int[] images, bool crop = true)
        {
            var result = new float[images.Length * s_size.Length];
            var augmentation = new BatchAugmentation(s_normalization.Mean, s_normalization.Std, 0, flip: true, seed + 1) { RandomResizedCrop = crop ? new RandomResizedCrop { MinArea = 0.2 } : null };
            augmentation.WithSeed(seed).Fill(new Batch(images, [], step: step), set, null, result);
            return result;
        }
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 10)]
    public void Evaluation_is_that_of_a_set_in_memory(int threads, int batchSize)
    {
        var before = TensorCount.Settled();
        var (streamed, inMemory) = StreamedSetTests.Sets(new FakeSource(30, s_size), threads);
        var (got, expected) = (All(streamed), All(inMemory));
        Assert.Equal(expected, got);
        Assert.Equal(30 * s_size.Length, got.Length);
        Assert.Empty(EvaluationBatches.Of(streamed.Select([]), s_normalization, 4));
        var plain = new float[5 * s_size.Length];
        s_normalization.Evaluation().FillPlain(streamed, 20, 5, plain);
        Assert.Equal(expected[(20 * s_size.Length)..(25 * s_size.Length)], plain);

        // Who stops in the middle leaves nothing behind.
        foreach (var batch in EvaluationBatches.Of(streamed, s_normalization, 4).Take(2))
            batch.Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);

        float[] All(ImageSet set)
        {
            var values = new List<float>();
            foreach (var batch in EvaluationBatches.Of(set, s_normalization, batchSize))
            {
                using (batch)
                    values.AddRange(batch.ToArray<float>());
            }

            return [.. values];
        }
    }

    [Fact]
    public void A_huge_set_never_has_more_than_a_few_batches_in_memory()
    {
        const int count = 1_000_000, batchSize = 16, ahead = 2;
        var source = new FakeSource(count, s_size);
        var set = new ImageSet("huge", source, new int[count], 1, threads: 3).Take(900_000, 1);
        Assert.Equal(0, source.Reads);
        var batches = new TwoSourceSampler(set.Count, 0, batchSize, 1, 1, SamplingOrder.Continuous).Epoch(0);
        var augmentation = new BatchAugmentation(s_normalization.Mean, s_normalization.Std, 1, flip: true, seed: 1) { RandomResizedCrop = new RandomResizedCrop() };
        var taken = 0;
        using (var loader = new BatchLoader(set, null, augmentation, batches, ahead))
        {
            foreach (var batch in loader.Batches().Take(20))
            {
                batch.Dispose();
                // Those that were taken, those that wait, and one in the making.
                Assert.InRange(source.Reads, ++taken * batchSize, (taken + ahead + 1) * batchSize);
            }
        }

        var (before, seen) = (source.Reads, 0);
        foreach (var batch in EvaluationBatches.Of(set, s_normalization, batchSize).Take(20))
        {
            batch.Dispose();
            Assert.InRange(source.Reads - before, ++seen * batchSize, (seen + 2) * batchSize);
        }

        Assert.InRange(source.MostAtOnce, 1, 3);
    }

    [Fact]
    public void The_images_of_a_batch_are_read_side_by_side()
    {
        // Neither of two reads ends before the other has begun.
        using var both = new Barrier(2);
        var source = new FakeSource(2, s_size) { WhileReading = () => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30))) };
        var set = new ImageSet("two", source, [0, 0], 1, threads: 2);
        s_normalization.Evaluation().FillPlain(set, 0, 2, new float[2 * s_size.Length]);
        Assert.Equal(2, source.MostAtOnce);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_first_image_that_cannot_be_read_stops_the_batches(int threads)
    {
        var before = TensorCount.Settled();
        var set = new ImageSet("set", new FakeSource(40, s_size) { Broken = [21, 17, 30] }, new int[40], 1, threads: threads);
        var taken = 0;
        var error = Assert.Throws<DataException>(() =>
        {
            foreach (var batch in EvaluationBatches.Of(set, s_normalization, 12))
            {
                batch.Dispose();
                taken++;
            }
        });
        Assert.Equal(("/fake/17: cannot be read.", 1), (error.Message, taken));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    /// <summary>Adds a random number.</summary>
    private sealed class Noisy : ImageTransform
    {
        public override void Apply(ReadOnlySpan<byte> image, Span<float> result, ImageSize size, RandomStream random)
        {
            for (var i = 0; i < result.Length; i++)
                result[i] = (image[i] / 255f) + (float)random.NextDouble();
        }
    }
}
