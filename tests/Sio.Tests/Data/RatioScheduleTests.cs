using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>A real ratio that changes over the training.</summary>
public sealed class RatioScheduleTests
{
    [Fact]
    public void Each_shape_goes_from_the_first_value_to_the_last()
    {
        Assert.Equal([0.9, 0.8, 0.7, 0.6, 0.5], Values(RatioShape.Linear, 0.9, 0.5, 5));
        Assert.Equal([0.9, 0.9, 0.9, 0.5, 0.5], Values(RatioShape.Step, 0.9, 0.5, 5));
        Assert.Equal([0.2, 0.2, 1, 1], Values(RatioShape.Step, 0.2, 1, 4));
        Assert.Equal([1, 0.853553390593, 0.5, 0.146446609407, 0], Values(RatioShape.Cosine, 1, 0, 5));
        Assert.Equal([0.3], Values(RatioShape.Linear, 0.3, 0.9, 1));
        Assert.Equal(0.5, new RatioSchedule(0.9, 0.5, RatioShape.Linear, 5).At(7));
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RatioSchedule(1.1, 0.5, RatioShape.Linear, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RatioSchedule(0.9, double.NaN, RatioShape.Linear, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RatioSchedule(0.9, 0.5, RatioShape.Linear, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RatioSchedule(0.9, 0.5, (RatioShape)7, 5));
        var schedule = new RatioSchedule(0.9, 0.5, RatioShape.Linear, 5);
        Assert.Throws<ArgumentException>(() => new TwoSourceSampler(100, 50, 20, 0.8, 1, schedule: schedule));
        Assert.Contains("asks for 10 synthetic", Assert.Throws<ArgumentException>(
            () => new TwoSourceSampler(100, 0, 20, 0.9, 1, SamplingOrder.Continuous, schedule)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SamplingOrder.Paper)]
    [InlineData(SamplingOrder.Continuous)]
    public void Batches_follow_it_and_the_length_of_an_epoch_does_not(SamplingOrder order)
    {
        var sampler = Sampler(order);
        Assert.Equal((10, true), (sampler.BatchesPerEpoch, sampler.DrawsSynthetic));
        for (var epoch = 0; epoch < 7; epoch++)
        {
            var real = new[] { 20, 16, 12, 8, 4 }[Math.Min(epoch, 4)];
            Assert.Equal(real, sampler.RealPerBatchIn(epoch));
            var batches = sampler.Epoch(epoch).ToList();
            Assert.Equal(10, batches.Count);
            Assert.Equal(batches.Select(batch => batch.Count), Enumerable.Range(0, 10).Select(index => sampler.CountOf(epoch, index)));
            if (order == SamplingOrder.Continuous)
                Assert.All(batches, batch => Assert.Equal((real, 20 - real), (batch.Real.Length, batch.Synthetic.Length)));

            // The paper's order is cut off where a source ends.
            else
                Assert.Equal(Math.Min(10 * (20 - real), 70), batches.Sum(batch => batch.Synthetic.Length));
        }
    }

    [Fact]
    public void Every_image_is_still_seen_equally_often_in_the_continuous_order()
    {
        var sampler = Sampler(SamplingOrder.Continuous);
        var (real, synthetic) = (new int[200], new int[70]);
        for (var epoch = 0; epoch < 7; epoch++)
        {
            foreach (var batch in sampler.Epoch(epoch))
            {
                Array.ForEach(batch.Real, i => real[i]++);
                Array.ForEach(batch.Synthetic, i => synthetic[i]++);
            }
        }

        Assert.InRange(real.Max() - real.Min(), 0, 1);
        Assert.InRange(synthetic.Max() - synthetic.Min(), 0, 1);
        Assert.Equal(7 * 200, real.Sum() + synthetic.Sum());
    }

    [Fact]
    public void A_schedule_that_does_not_change_gives_the_batches_of_none()
    {
        foreach (var order in Enum.GetValues<SamplingOrder>())
        {
            var (with, without) = (new TwoSourceSampler(200, 70, 20, 0.6, 3, order, new RatioSchedule(0.6, 0.6, RatioShape.Cosine, 3)), new TwoSourceSampler(200, 70, 20, 0.6, 3, order));
            for (var epoch = 0; epoch < 5; epoch++)
            {
                foreach (var (mine, expected) in with.Epoch(epoch).Zip(without.Epoch(epoch)))
                {
                    Assert.Equal(expected.Real, mine.Real);
                    Assert.Equal(expected.Synthetic, mine.Synthetic);
                }
            }
        }
    }

    private static TwoSourceSampler Sampler(SamplingOrder order) => new(200, 70, 20, 1, 3, order, new RatioSchedule(1, 0.2, RatioShape.Linear, 5));

    private static double[] Values(RatioShape shape, double first, double last, int epochs)
    {
        var schedule = new RatioSchedule(first, last, shape, epochs);
        return [.. Enumerable.Range(0, epochs).Select(schedule.At)];
    }
}
