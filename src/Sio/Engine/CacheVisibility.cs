using System.Runtime.Intrinsics.X86;

namespace Sio.Engine;

/// <summary>Whether the CPU tells a program about its data caches. Some virtual machines answer that question with zeros.</summary>
internal static class CacheVisibility
{
    private const int AmdCaches = unchecked((int)0x8000001D), IntelCaches = 4, LargestExtended = unchecked((int)0x80000000);

    /// <summary>What an instruction CPUID answers to a leaf and a sub-leaf.</summary>
    internal delegate (int Eax, int Ebx, int Ecx, int Edx) CpuId(int leaf, int subLeaf);

    /// <summary>Whether this CPU hides its caches.</summary>
    internal static bool IsHidden() => X86Base.IsSupported && IsHidden(X86Base.CpuId);

    /// <summary>Whether a CPU that gives these answers hides its caches from oneDNN.</summary>
    internal static bool IsHidden(CpuId ask)
    {
        var (largest, ebx, ecx, edx) = ask(0, 0);
        return Vendor(ebx, edx, ecx) switch
        {
            // Sub-leaves 0, 2 and 3 are the data caches of level 1 to 3, which oneDNN takes to be there on every AMD CPU.
            "AuthenticAMD" => (uint)ask(LargestExtended, 0).Eax < unchecked((uint)AmdCaches)
                || HasNoCache(ask(AmdCaches, 0)) || HasNoCache(ask(AmdCaches, 2)) || HasNoCache(ask(AmdCaches, 3)),
            "GenuineIntel" => largest < IntelCaches || HasNoCache(ask(IntelCaches, 0)),
            _ => false, // oneDNN does not ask these
        };
    }

    // Bits 0 to 4: the kind of cache, zero for none; the other registers hold its size, less one in each factor.
    private static bool HasNoCache((int Eax, int Ebx, int Ecx, int Edx) answer) =>
        (answer.Eax & 0x1F) == 0 || (answer.Ebx == 0 && answer.Ecx == 0);

    private static string Vendor(params ReadOnlySpan<int> registers)
    {
        Span<char> text = stackalloc char[12];
        for (var i = 0; i < text.Length; i++)
            text[i] = (char)(registers[i / 4] >> (8 * (i % 4)) & 0xFF);
        return new string(text);
    }
}
