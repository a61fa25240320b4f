using Sio.Data;
using Sio.Engine;
using Sio.Tests.Training;

namespace Sio.Tests.Data;

public sealed class BatchLoaderTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly BatchAugmentation s_augmentation = new([0.4f], [0.3f], 3, flip: true, seed: 5);

    [Theory]
    [InlineData(SamplingOrder.Paper, 1)]
    [InlineData(SamplingOrder.Continuous, 4)]
    public void Batches_come_in_order_as_a_direct_call_makes_them(SamplingOrder order, int ahead)
    {
        var sampler = new TwoSourceSampler(70, 40, 16, 0.75, 9, order);
        var expected = Enumerable.Range(0, 3).SelectMany(epoch => sampler.Epoch(epoch)).ToArray();
        using var loader = new BatchLoader(ToyTraining.Real, ToyTraining.Synthetic, s_augmentation, expected, ahead);
        var taken = 0;
        foreach (var loaded in loader.Batches())
        {
            using (loaded)
            {
                var batch = expected[taken++];
                Assert.Same(batch, loaded.Batch);
                Assert.Equal([batch.Count, 1, 28, 28], loaded.Images.shape);
                var pixels = new float[batch.Count * 784];
                s_augmentation.Fill(batch, ToyTraining.Real, ToyTraining.Synthetic, pixels);
                Assert.Equal(pixels, loaded.Images.ToArray<float>());
                var labels = new long[batch.Count];
                batch.CopyLabels(ToyTraining.Real, ToyTraining.Synthetic, labels);
                Assert.Equal(labels, loaded.Labels.ToArray<long>());
            }
        }

        Assert.Equal(15, taken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Disposing_early_frees_all_tensors_and_does_not_hang(int take)
    {
        var before = TensorCount.Settled();
        var loader = new BatchLoader(ToyTraining.Real, null, s_augmentation, Endless());
        foreach (var loaded in loader.Batches().Take(take))
            loaded.Dispose();
        await Task.Run(loader.Dispose).WaitAsync(s_patience);
        await Task.Run(loader.Dispose).WaitAsync(s_patience);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public async Task It_prepares_no_more_than_was_asked_for()
    {
        const int ahead = 2;
        var asked = 0;
        var enough = new TaskCompletionSource();
        var loader = new BatchLoader(ToyTraining.Real, null, s_augmentation, Counted(), ahead);
        await enough.Task.WaitAsync(s_patience);
        // The one beyond is ready, and its thread waits for room; a moment longer shows that it does wait.
        await Task.Delay(50);
        Assert.Equal(ahead + 1, Volatile.Read(ref asked));
        await Task.Run(loader.Dispose).WaitAsync(s_patience);

        IEnumerable<Batch> Counted()
        {
            foreach (var batch in Endless())
            {
                if (Interlocked.Increment(ref asked) == ahead + 1)
                    enough.SetResult();
                yield return batch;
            }
        }
    }

    [Fact]
    public void An_exception_in_the_source_reaches_the_consumer_after_the_batches_before_it()
    {
        var before = TensorCount.Settled();
        using (var loader = new BatchLoader(ToyTraining.Real, null, s_augmentation, Broken()))
        {
            var taken = 0;
            var error = Assert.Throws<DataException>(() =>
            {
                foreach (var loaded in loader.Batches())
                {
                    loaded.Dispose();
                    taken++;
                }
            });
            Assert.Equal(4, taken);
            Assert.Equal("the source is broken", error.Message);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);

        static IEnumerable<Batch> Broken()
        {
            foreach (var batch in Endless().Take(4))
                yield return batch;
            throw new DataException("the source is broken");
        }
    }

    [Fact]
    public void A_batch_that_cannot_be_made_reaches_the_consumer_and_leaves_no_tensor()
    {
        var before = TensorCount.Settled();
        using (var loader = new BatchLoader(ToyTraining.Real, null, s_augmentation, [new Batch([70], [])]))
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => loader.Batches().ToArray());
            Assert.Contains("Image 70 is not in 'real'", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static IEnumerable<Batch> Endless()
    {
        for (var step = 0; ; step++)
            yield return new Batch([step % 70, (step + 1) % 70], [], step: step);
    }
}
