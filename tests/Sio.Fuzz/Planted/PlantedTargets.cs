using Sio.Data;
using Sio.Fuzz.Targets;
using static TorchSharp.torch;

namespace Sio.Fuzz.Planted;

/// <summary>
/// A reader with a fault that shows on one byte: files are two bytes long and begin with 1. Tests see by these that the oracle finds each kind of
/// fault; they are not among all targets.
/// </summary>
internal abstract class PlantedTarget : FuzzTarget
{
    private const byte Trigger = 0x80;

    internal sealed override bool IsPlanted => true;

    internal sealed override IEnumerable<Seed> Seeds() => [new("input.bin", [1, 2])];

    internal sealed override void Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes is [Trigger, ..])
            Fail(path);
        if (bytes is not [1, _])
            throw new DataException($"{path}: two bytes with a 1 in front were expected");
    }

    private protected abstract void Fail(string path);
}

/// <summary>An index beyond a text.</summary>
[CatalogEntry("planted_index", "planted: an index beyond a text")]
internal sealed class PlantedIndex : PlantedTarget
{
    private protected override void Fail(string path) => _ = path[path.Length];
}

/// <summary>Memory out of proportion to the file.</summary>
[CatalogEntry("planted_allocation", "planted: 600 MiB for two bytes")]
internal sealed class PlantedAllocation : PlantedTarget
{
    private protected override void Fail(string path)
    {
        for (var i = 0; i < 600; i++)
            GC.KeepAlive(GC.AllocateUninitializedArray<byte>(1 << 20));
    }
}

/// <summary>No end.</summary>
[CatalogEntry("planted_hang", "planted: an endless loop")]
internal sealed class PlantedHang : PlantedTarget
{
    private protected override void Fail(string path) => Thread.Sleep(Timeout.Infinite);
}

/// <summary>An end that comes late.</summary>
[CatalogEntry("planted_slow", "planted: an answer that comes late")]
internal sealed class PlantedSlow : PlantedTarget
{
    private protected override void Fail(string path) => Thread.Sleep(300);
}

/// <summary>A message that says nothing.</summary>
[CatalogEntry("planted_message", "planted: a message that names no file")]
internal sealed class PlantedMessage : PlantedTarget
{
    private protected override void Fail(string path) => throw new DataException("damaged");
}

/// <summary>A tensor that is never freed.</summary>
[CatalogEntry("planted_leak", "planted: a tensor that is left")]
internal sealed class PlantedLeak : PlantedTarget
{
    private static readonly List<Tensor> s_kept = [];

    internal override bool MakesTensors => true;

    internal static void Free()
    {
        s_kept.ForEach(tensor => tensor.Dispose());
        s_kept.Clear();
    }

    private protected override void Fail(string path) => s_kept.Add(zeros(1));
}

/// <summary>Recursion without end, which no handler stops.</summary>
[CatalogEntry("planted_death", "planted: a stack that overflows")]
internal sealed class PlantedDeath : PlantedTarget
{
    private protected override void Fail(string path) => Endless(path.Length);

    private static int Endless(int depth) => Endless(depth + 1) + depth;
}
