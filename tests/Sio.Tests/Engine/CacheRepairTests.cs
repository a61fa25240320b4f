using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sio.Engine;

namespace Sio.Tests.Engine;

/// <summary>Whether a CPU hides its caches, what is done then, and that it makes convolutions right.</summary>
public sealed class CacheRepairTests
{
    private const string Amd = "AuthenticAMD", Intel = "GenuineIntel";
    private static readonly (int, int, int, int) s_cache = (0x4000121, 0x2c0003f, 0x3f, 0);

    [Theory]
    [InlineData(Amd, unchecked((int)0x80000021), unchecked((int)0x8000001D), "0 2 3", false)] // all three data caches
    [InlineData(Amd, unchecked((int)0x80000021), unchecked((int)0x8000001D), "", true)] // as this project met it
    [InlineData(Amd, unchecked((int)0x80000021), unchecked((int)0x8000001D), "0 2", true)] // without the third oneDNN sees one of a byte
    [InlineData(Amd, unchecked((int)0x8000001C), unchecked((int)0x8000001D), "0 2 3", true)] // older than that leaf
    [InlineData(Intel, unchecked((int)0x80000008), 4, "0 1 2 3", false)]
    [InlineData(Intel, unchecked((int)0x80000008), 4, "", true)]
    [InlineData("HygonGenuine", unchecked((int)0x80000021), 4, "", false)] // oneDNN asks AMD and Intel only
    public void Hidden_caches_are_recognised(string vendor, int largestExtended, int leaf, string subLeaves, bool hidden)
    {
        var visible = subLeaves.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToHashSet();
        Assert.Equal(hidden, CacheVisibility.IsHidden((asked, subLeaf) =>
            asked == 0 ? Vendor(vendor)
            : asked == unchecked((int)0x80000000) ? (largestExtended, 0, 0, 0)
            : asked == leaf && visible.Contains(subLeaf) ? s_cache
            : (0, 0, 0, 0)));
    }

    [Fact]
    public void Numbers_of_a_file_that_cannot_be_read_are_not_known() => Assert.Null(OneDnnCaches.FindPlaces("/nowhere/libtorch_cpu.so"));

    [Fact]
    public void What_oneDNN_believes_decides_what_is_done()
    {
        Assert.Equal(CacheSafety.Repaired, CacheRepair.Decide(Caches([1, 1, 1], [1, 1, 1], 3)));
        Assert.Equal(CacheSafety.NotAffected, CacheRepair.Decide(Caches([], [], 0)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide([]));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 1], [1, 1, 1], 3).AsSpan(0, 27)));
        // Anything else than exactly what the defect leaves is not touched.
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 1], [1, 1, 1], 2)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 1], [1, 1, 2], 3)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 32768], [1, 1, 1], 3)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 1, 1], [1, 1, 1], 3)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1, 1, 1], [1, 1, 1, 1], 3)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([1], [], 0)));
        Assert.Equal(CacheSafety.SwitchedOff, CacheRepair.Decide(Caches([49152, 2097152, 272629760], [1, 1, 2], 3)));
    }

    [Fact]
    public void OneDNNs_numbers_lie_where_the_symbol_table_says_and_hold_this_machines_caches()
    {
        OnlyWhereOneDnnIs();
        var outcome = Probe.Run("believed-caches").Succeeded();
        Assert.Equal(outcome["read"], outcome["known"]);
        var numbers = outcome["numbers"].Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var levels = (int)numbers[OneDnnCaches.Levels];
        if (CacheVisibility.IsHidden())
        {
            // The first convolution ran, and the repair after it, before the program could ask.
            Assert.Equal(OneDnnCaches.Count.ToString(CultureInfo.InvariantCulture), outcome["before"]);
            Assert.Equal(0, levels);
            return;
        }

        Assert.Equal("0", outcome["before"]); // nothing is read before oneDNN has written it
        Assert.InRange(levels, 1, 4);
        foreach (var number in numbers[(OneDnnCaches.Sizes + levels)..OneDnnCaches.Sharing].Concat(numbers[(OneDnnCaches.Sharing + levels)..OneDnnCaches.Levels]))
            Assert.Equal(0, number);
        foreach (var size in numbers[OneDnnCaches.Sizes..(OneDnnCaches.Sizes + levels)])
            Assert.InRange(size, 8 * 1024, 4L * 1024 * 1024 * 1024);
        foreach (var cores in numbers[OneDnnCaches.Sharing..(OneDnnCaches.Sharing + levels)])
            Assert.InRange(cores, 1, 1024);
    }

    [Fact]
    public void Convolutions_and_their_gradients_are_right_on_this_machine() =>
        Assert.Contains("convolutions with both gradients: right", Probe.Run("convolutions", "300").Succeeded().Lines[^1], StringComparison.Ordinal);

    /// <summary>That the check finds the defect: without it, it would prove nothing.</summary>
    [Fact]
    public void Hidden_caches_make_convolutions_wrong_or_end_the_process()
    {
        OnlyWhereOneDnnIs();
        var outcome = Probe.Run("convolutions", "150", "hidden-caches");
        Assert.NotEqual(0, outcome.Code);
        Assert.Matches("^trying |results are wrong, first the ", outcome.Lines[^1]);
    }

    [Fact]
    public void The_repair_makes_them_right()
    {
        OnlyWhereOneDnnIs();
        var outcome = Probe.Run("convolutions", "150", "hidden-caches", "repair").Succeeded();
        Assert.Equal("Repaired", outcome["safety"]);
        Assert.Contains("convolutions with both gradients: right", outcome.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_oneDNN_they_are_right() =>
        Assert.Contains("convolutions with both gradients: right", Probe.Run("convolutions", "150", "one-dnn-off").Succeeded().Lines[^1], StringComparison.Ordinal);

    private static void OnlyWhereOneDnnIs() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.Intrinsics.X86.Avx2.IsSupported, "oneDNN's numbers are read from Linux's file on an x64 CPU");

    private static uint[] Caches(uint[] sizes, uint[] sharing, uint levels)
    {
        var caches = new uint[OneDnnCaches.Count];
        caches[0] = 4260954111; // flags of the CPU, which do not matter
        sizes.CopyTo(caches, OneDnnCaches.Sizes);
        sharing.CopyTo(caches, OneDnnCaches.Sharing);
        caches[OneDnnCaches.Levels] = levels;
        return caches;
    }

    private static (int, int, int, int) Vendor(string name)
    {
        var text = Encoding.ASCII.GetBytes(name);
        // CPUID's order is EBX, EDX, ECX.
        return (0x1c, BinaryPrimitives.ReadInt32LittleEndian(text), BinaryPrimitives.ReadInt32LittleEndian(text.AsSpan(8)), BinaryPrimitives.ReadInt32LittleEndian(text.AsSpan(4)));
    }
}
