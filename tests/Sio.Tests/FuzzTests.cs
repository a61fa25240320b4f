using Sio.Data;
using Sio.Fuzz;
using Sio.Tests.Data;

namespace Sio.Tests;

/// <summary>Mutated files for every reader, a fixed number; and that the harness finds what it looks for.</summary>
public sealed class FuzzTests
{
    private const long Inputs = 150;

    public static TheoryData<string> Targets() => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_reader_reads_or_rejects_in_words(string name)
    {
        var target = FuzzTarget.All.Single(one => one.Name == name);
        // Native memory that LibTorch takes at its first tensor is no reader's.
        TensorCount.Settled();
        var tally = new Campaign(target, seed: 1, new Oracle(TimeSpan.FromSeconds(60))).Run(0, Inputs);
        Assert.Empty(tally.Findings);
        Assert.Equal(Inputs, tally.Inputs);
        Assert.True(tally.Rejected > 0);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Files_to_begin_with_are_read(string name)
    {
        var target = FuzzTarget.All.Single(one => one.Name == name);
        using var folder = new TempFolder();
        var path = folder.File(target.FileName);
        var read = target.Seeds().Count(seed =>
        {
            File.WriteAllBytes(path, seed);
            return new Oracle(TimeSpan.FromSeconds(60)).Judge(target, path) is { Outcome: Outcome.Accepted };
        });
        // Some fixtures are there to be rejected; most are not.
        Assert.True(read > 0, $"{name}: none of its {target.Seeds().Count} seeds is read");
    }

    [Theory]
    [InlineData("throws", "IndexOutOfRangeException")]
    [InlineData("allocates", "MiB")]
    [InlineData("leaks", "left tensors behind")]
    [InlineData("mumbles", "does not name the file")]
    [InlineData("babbles", "not one line")]
    public void A_planted_fault_is_found(string fault, string expected)
    {
        using var folder = new TempFolder();
        var tally = new Campaign(new Faulty(fault), seed: 3, new Oracle(TimeSpan.FromSeconds(60)), folder.Path).Run(0, 300);
        Assert.Contains(expected, tally.Findings[0].Reason, StringComparison.Ordinal);
        Assert.InRange(tally.Findings.Count, 1, 3);

        // The input that did it is kept, and is found again by its number.
        var kept = Directory.GetFiles(folder.Path, $"faulty-3-{tally.Findings[0].Number}-*");
        Assert.Equal(new Campaign(new Faulty(fault), 3, new Oracle(TimeSpan.FromSeconds(1))).Input(tally.Findings[0].Number), File.ReadAllBytes(Assert.Single(kept)));
        Assert.Contains(expected, File.ReadAllText(folder.File("findings.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_hangs_ends_the_campaign()
    {
        using var target = new Faulty("hangs");
        var tally = new Campaign(target, seed: 3, new Oracle(TimeSpan.FromMilliseconds(300))).Run(0, 300);
        Assert.True(tally.Hangs);
        Assert.Contains("is still at it", tally.Findings[^1].Reason, StringComparison.Ordinal);
        Assert.InRange(tally.Inputs, 1, 299);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_and_another_makes_others()
    {
        using var target = new Faulty("none");
        var (one, two) = (new Campaign(target, 5, new Oracle(TimeSpan.FromSeconds(1))), new Campaign(target, 6, new Oracle(TimeSpan.FromSeconds(1))));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => one.Input(i)), Enumerable.Range(0, 50).Select(i => one.Input(i)));
        Assert.NotEqual(Enumerable.Range(0, 50).Select(i => one.Input(i)), Enumerable.Range(0, 50).Select(i => two.Input(i)));
    }

    // Its constructor takes an argument, so that the harness does not find it by itself.
    private sealed class Faulty(string fault) : FuzzTarget, IDisposable
    {
        private readonly ManualResetEventSlim _end = new();

        internal override string Name => "faulty";

        internal override string FileName => "faulty.bin";

        internal override long MostBytes => 8 << 20;

        internal override IReadOnlyList<byte[]> Seeds() => [[.. Enumerable.Range(1, 40).Select(i => (byte)i)]];

        public void Dispose()
        {
            _end.Set();
            _end.Dispose();
        }

        internal override void Read(string path)
        {
            var bytes = File.ReadAllBytes(path);
            if (!bytes.Contains((byte)0xFF))
                throw new DataException($"{path}: has no byte 255");
            switch (fault)
            {
                case "throws":
                    _ = bytes[bytes.Length + bytes[0]];
                    break;
                case "allocates":
                    GC.KeepAlive(new byte[16 << 20]);
                    break;
                case "leaks":
                    _ = TorchSharp.torch.ones(3);
                    break;
                case "mumbles":
                    throw new DataException("something is wrong");
                case "babbles":
                    throw new InvalidDataException($"{path}: is\nwrong");
                case "hangs":
                    _end.Wait();
                    break;
            }
        }
    }
}
