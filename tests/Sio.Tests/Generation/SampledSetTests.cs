using Sio.Data;
using Sio.Generation;
using Sio.Tests.Data;

namespace Sio.Tests.Generation;

public sealed class SampledSetTests
{
    private static readonly ImageSet s_samples = ToyImages.Make("colour", 6, channels: 3);

    [Theory]
    [InlineData("set")]
    [InlineData("set.npz")]
    public void What_is_written_reads_back_with_the_data_sets_own_labels(string name)
    {
        using var folder = new TempFolder();
        var path = folder.File(name);
        var written = SampledSet.Of(s_samples, Provenance(0, 6));
        written.Write(path);
        var loaded = SyntheticSet.Load(path);
        Assert.Equal(s_samples.Pixels, loaded.Pixels);
        Assert.Equal([5, 9, 5, 9, 5, 9], loaded.Labels);
        Assert.Equal((3, 8, 8), (loaded.Channels, loaded.Height, loaded.Width));
        var read = SampledSet.Read(path);
        Assert.Equal(written.Provenance.ImagesSha256, read.Provenance.ImagesSha256);
        Assert.Equal(["sio generate train recipe.yml --out RUN", "sio generate sample RUN --per-class 3 --seed 2 --out SET"], read.Provenance.Commands);
        Assert.True(SampledSet.Exists(path));
        // The same set has the same bytes.
        var again = folder.File("again-" + name);
        read.Write(again);
        Assert.Equal(File.ReadAllBytes(SampledSet.ProvenancePath(path)), File.ReadAllBytes(SampledSet.ProvenancePath(again)));
        if (name.EndsWith(".npz", StringComparison.Ordinal))
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(again));
    }

    [Fact]
    public void Pieces_are_joined_in_order_and_gaps_and_strangers_refused()
    {
        var (first, second, third) = (Piece(0, 1), Piece(1, 3), Piece(4, 2));
        var joined = SampledSet.Join([("c", third), ("a", first), ("b", second)]);
        var whole = SampledSet.Of(s_samples, Provenance(0, 6));
        Assert.Equal(whole.Provenance.ImagesSha256, joined.Provenance.ImagesSha256);
        Assert.Equal(whole.Provenance.LabelsSha256, joined.Provenance.LabelsSha256);
        Assert.Equal((0, 6), (joined.Provenance.From, joined.Provenance.Count));
        Assert.Contains("--from 1 --count 3", second.Provenance.Commands[1], StringComparison.Ordinal);
        Assert.Contains("images 1 to 3 of the set", Refusal(("a", first), ("c", third)), StringComparison.Ordinal);
        Assert.Contains("images 4 to 5 of the set", Refusal(("a", first), ("b", second)), StringComparison.Ordinal);
        Assert.Contains("b2 begins at image 1, which another piece has too", Refusal(("a", first), ("b", second), ("b2", second), ("c", third)), StringComparison.Ordinal);
        var stranger = SampledSet.Of(s_samples.Select([1, 2, 3]), Provenance(1, 3) with { Seed = 4 });
        Assert.Contains("not pieces of one set", Refusal(("a", first), ("b", stranger), ("c", third)), StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_noticed()
    {
        using var folder = new TempFolder();
        var path = folder.File("set");
        SampledSet.Of(s_samples, Provenance(0, 6)).Write(path);
        var provenance = SampledSet.ProvenancePath(path);
        var text = File.ReadAllText(provenance);
        Npy.Write(Path.Combine(path, "labels.npy"), NpyArray.Create(new long[] { 5, 9, 5, 9, 9, 5 }));
        Assert.Contains("are not those that", Assert.Throws<DataException>(() => SampledSet.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(provenance, text.Replace("\"count\": 6", "\"count\": 60", StringComparison.Ordinal));
        Assert.Contains("cannot be", Assert.Throws<DataException>(() => SampledSet.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(provenance, text[..40]);
        Assert.Contains("cannot be read", Assert.Throws<DataException>(() => SampledSet.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(provenance);
        Assert.Contains("is missing", Assert.Throws<DataException>(() => SampledSet.Read(path)).Message, StringComparison.Ordinal);
    }

    private static SampledSet Piece(int from, int count) => SampledSet.Of(s_samples.Select([.. Enumerable.Range(from, count)]), Provenance(from, count));

    private static string Refusal(params (string, SampledSet)[] pieces) => Assert.Throws<DataException>(() => SampledSet.Join(pieces)).Message;

    private static SampleProvenance Provenance(int from, int count) => new()
    {
        Commands = [], Generator = "gan", Sampler = "one pass", Data = new LearntImages("colour", 6, "00", 3, 8, 8, [5, 9]), WeightsSha256 = "11", Steps = 7, Seed = 2, PerClass = 3,
        From = from, Count = count, Threads = 1, Device = "cpu", LibTorch = "1.13.0", ImagesSha256 = "", LabelsSha256 = "", Recipe = "seed: 0\n",
    };
}
