using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class TwoSourceSamplerTests
{
    private sealed record Case(int Real, int Synthetic, int BatchSize, double Ratio, int Seed);

    private static readonly Gen<Case> Cases =
        from real in Gen.Choose(1, 200)
        from synthetic in Gen.Choose(1, 200)
        from batchSize in Gen.Choose(1, 50)
        from ratio in Gen.OneOf(Gen.Choose(0, 100).Select(p => p / 100.0), Gen.Elements(0.0, 1.0))
        from seed in Gen.Choose(0, int.MaxValue)
        select new Case(real, synthetic, batchSize, ratio, seed);

    /// <summary>Whole epochs of SIO's own batch sampler, as run-length lists of batch compositions.</summary>
    public static TheoryData<int> ReferenceRows()
    {
        var rows = new TheoryData<int>();
        for (var i = 0; i < Reference().GetArrayLength(); i++)
            rows.Add(i);
        return rows;
    }

    [Theory]
    [MemberData(nameof(ReferenceRows))]
    public void Paper_order_has_the_original_batches(int rowIndex)
    {
        var row = Reference()[rowIndex];
        int Int(string key) => row.GetProperty(key).GetInt32();
        var sampler = new TwoSourceSampler(Int("n_real"), Int("n_synthetic"), Int("batch_size"), row.GetProperty("real_ratio").GetDouble(), 1);
        Assert.Equal(Int("num_batches"), sampler.BatchesPerEpoch);
        Assert.Equal(Int("real_per_batch"), sampler.RealPerBatch);
        Assert.Equal(Int("synthetic_per_batch"), sampler.SyntheticPerBatch);
        var expected = row.GetProperty("batches").EnumerateArray().SelectMany(run => Enumerable.Repeat(
            (run.GetProperty("real").GetInt32(), run.GetProperty("synthetic").GetInt32()), run.GetProperty("batches").GetInt32()));

        foreach (var epoch in (int[])[0, 3])
        {
            var batches = sampler.Epoch(epoch).ToList();
            Assert.Equal(expected, batches.Select(b => (b.Real.Length, b.Synthetic.Length)));
            Assert.Equal(Int("distinct_real_in_epoch"), batches.SelectMany(b => b.Real).Distinct().Count());
            Assert.Equal(Int("distinct_synthetic_in_epoch"), batches.SelectMany(b => b.Synthetic).Distinct().Count());
        }
    }

    [Fact]
    public void Paper_order_repeats_nothing_within_an_epoch() => Properties.ForAll(Cases, c =>
    {
        var batches = Make(c, SamplingOrder.Paper).Epoch(2).ToList();
        Once(batches.SelectMany(b => b.Real), c.Real);
        Once(batches.SelectMany(b => b.Synthetic), c.Synthetic);

        static void Once(IEnumerable<int> indices, int count)
        {
            var list = indices.ToList();
            Assert.All(list, i => Assert.InRange(i, 0, count - 1));
            Assert.Equal(list.Count, list.Distinct().Count());
        }
    });

    [Fact]
    public void Batches_have_their_composition_and_place() => Properties.ForAll(Cases, c =>
    {
        var perBatch = (int)(c.BatchSize * c.Ratio);
        foreach (var order in Enum.GetValues<SamplingOrder>())
        {
            var sampler = Make(c, order);
            Assert.Equal((c.Real + c.BatchSize - 1) / c.BatchSize, sampler.BatchesPerEpoch);
            var (realLeft, syntheticLeft, place) = (c.Real, c.Synthetic, 0);
            foreach (var batch in sampler.Epoch(1))
            {
                var real = order == SamplingOrder.Paper ? Math.Min(perBatch, realLeft) : perBatch;
                var synthetic = order == SamplingOrder.Paper ? Math.Min(c.BatchSize - perBatch, syntheticLeft) : c.BatchSize - perBatch;
                Assert.Equal((real, synthetic, real + synthetic), (batch.Real.Length, batch.Synthetic.Length, batch.Count));
                Assert.Equal((1, place, (long)sampler.BatchesPerEpoch + place), (batch.Epoch, batch.Index, batch.Step));
                realLeft -= real;
                syntheticLeft -= synthetic;
                place++;
            }

            Assert.Equal(sampler.BatchesPerEpoch, place);
        }
    });

    [Fact]
    public void Continuous_order_shows_all_images_equally_often_at_any_moment() => Properties.ForAll(Cases, c =>
    {
        var sampler = Make(c, SamplingOrder.Continuous);
        var (real, synthetic) = (new int[c.Real], new int[c.Synthetic]);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            foreach (var batch in sampler.Epoch(epoch))
            {
                Assert.Equal(c.BatchSize, batch.Count);
                Count(batch.Real, real);
                Count(batch.Synthetic, synthetic);
            }
        }

        static void Count(int[] indices, int[] counts)
        {
            foreach (var i in indices)
                counts[i]++;
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }, 60);

    [Fact]
    public void Any_batch_can_be_had_without_walking_there() => Properties.ForAll(Cases, c =>
    {
        foreach (var order in Enum.GetValues<SamplingOrder>())
        {
            var walker = Make(c, order);
            var walked = Enumerable.Range(0, 3).SelectMany(e => walker.Epoch(e)).ToList();
            var random = new RandomStream((ulong)c.Seed);
            for (var i = 0; i < 5; i++)
            {
                var (epoch, start) = (random.NextInt(3), random.NextInt(walker.BatchesPerEpoch + 1));
                var resumed = Make(c, order).Epoch(epoch, start).ToList();
                Assert.Equal(walker.BatchesPerEpoch - start, resumed.Count);
                for (var k = 0; k < resumed.Count; k++)
                    Same(walked[(epoch * walker.BatchesPerEpoch) + start + k], resumed[k]);
            }
        }

        static void Same(Batch a, Batch b)
        {
            Assert.Equal(a.Real, b.Real);
            Assert.Equal(a.Synthetic, b.Synthetic);
            Assert.Equal((a.Epoch, a.Index, a.Step), (b.Epoch, b.Index, b.Step));
        }
    }, 60);

    [Fact]
    public void Seeds_and_epochs_give_other_orders()
    {
        int[] First(int seed, int epoch) => new TwoSourceSampler(1000, 1000, 100, 0.5, seed).GetBatch(epoch, 0).Real;
        Assert.Equal(First(1, 0), First(1, 0));
        Assert.NotEqual(First(1, 0), First(2, 0));
        Assert.NotEqual(First(1, 0), First(1, 1));
        var batch = new TwoSourceSampler(1000, 1000, 100, 0.5, 1).GetBatch(0, 0);
        Assert.NotEqual(batch.Real, batch.Synthetic);
    }

    /// <summary>These must never change: seeds in published results depend on them. Computed by a second implementation, in Python.</summary>
    [Fact]
    public void Batches_are_stable_for_ever()
    {
        var batch = new TwoSourceSampler(100, 50, 8, 0.75, 1, SamplingOrder.Paper).GetBatch(2, 3);
        Assert.Equal([11, 60, 12, 13, 65, 90], batch.Real);
        Assert.Equal([21, 34], batch.Synthetic);
    }

    [Fact]
    public void Several_threads_get_the_same_batches()
    {
        var sampler = new TwoSourceSampler(500, 70, 32, 0.6, 1, SamplingOrder.Continuous);
        var expected = Enumerable.Range(0, 5).SelectMany(e => sampler.Epoch(e)).Select(b => string.Join(' ', b.Real.Concat(b.Synthetic))).ToArray();
        var got = new string[expected.Length];
        Parallel.For(0, got.Length, i =>
        {
            var b = sampler.GetBatch(i / sampler.BatchesPerEpoch, i % sampler.BatchesPerEpoch);
            got[i] = string.Join(' ', b.Real.Concat(b.Synthetic));
        });
        Assert.Equal(expected, got);
    }

    [Fact]
    public void Ratios_at_the_ends()
    {
        var realOnly = new TwoSourceSampler(10, 0, 4, 1, 1, SamplingOrder.Continuous);
        Assert.All(realOnly.Epoch(0), b => Assert.Equal((4, 0), (b.Real.Length, b.Synthetic.Length)));
        var syntheticOnly = new TwoSourceSampler(10, 3, 4, 0, 1, SamplingOrder.Continuous);
        Assert.All(syntheticOnly.Epoch(0), b => Assert.Equal((0, 4), (b.Real.Length, b.Synthetic.Length)));
        // 100 · 0.29 is 28.999999999999996 in double arithmetic.
        Assert.Equal(28, new TwoSourceSampler(500, 500, 100, 0.29, 1).RealPerBatch);
        Assert.Equal(102.0 / 128, new TwoSourceSampler(500, 500, 128, 0.8, 1).EffectiveRealRatio);
    }

    [Fact]
    public void Says_what_cannot_be()
    {
        Refused("At least one real image", () => new TwoSourceSampler(0, 10, 4, 0.5, 1));
        Refused("cannot be negative", () => new TwoSourceSampler(10, -1, 4, 0.5, 1));
        Refused("at least 1", () => new TwoSourceSampler(10, 10, 0, 0.5, 1));
        Refused("from 0 to 1", () => new TwoSourceSampler(10, 10, 4, double.NaN, 1));
        Refused("from 0 to 1", () => new TwoSourceSampler(10, 10, 4, 1.01, 1));
        Refused("from 0 to 1", () => new TwoSourceSampler(10, 10, 4, -0.01, 1));
        Refused("Paper or Continuous", () => new TwoSourceSampler(10, 10, 4, 0.5, 1, (SamplingOrder)7));
        Refused("but there are none", () => new TwoSourceSampler(10, 0, 4, 0.5, 1, SamplingOrder.Continuous));
        Refused("but there are none", () => new TwoSourceSampler(10, 0, 4, 0, 1, SamplingOrder.Paper));
        var sampler = new TwoSourceSampler(10, 10, 4, 0.5, 1);
        Refused("startBatch", () => sampler.Epoch(0, 4));
        Refused("epoch", () => sampler.Epoch(-1));
        Refused("index", () => sampler.GetBatch(0, 3));

        static void Refused(string expected, Func<object> make) =>
            Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_follow_the_batch()
    {
        var real = new ImageSet("real", new byte[3], [0, 1, 2], 1, 1, 1, 3);
        var synthetic = new ImageSet("synthetic", new byte[2], [2, 1], 1, 1, 1, 3);
        var batch = new Batch([2, 0], [1]);
        var labels = new long[3];
        batch.CopyLabels(real, synthetic, labels);
        Assert.Equal([2L, 0, 1], labels);
        Assert.Throws<ArgumentException>(() => batch.CopyLabels(real, null, labels));
        Assert.Throws<ArgumentException>(() => batch.CopyLabels(real, synthetic, new long[2]));
        Assert.Throws<ArgumentException>(() => new Batch([3], []).CopyLabels(real, null, labels));
    }

    private static TwoSourceSampler Make(Case c, SamplingOrder order) => new(c.Real, c.Synthetic, c.BatchSize, c.Ratio, c.Seed, order);

    private static JsonElement Reference() => JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "two_source_sampler.json"))).RootElement.GetProperty("rows");
}
