namespace Sio.Engine;

/// <summary>
/// What oneDNN, within LibTorch, believes about the CPU's caches: some numbers of an object that it fills once by CPUID and that no function
/// of LibTorch reads or sets. Found by the symbol table of the file that is loaded, never by a guess.
/// </summary>
internal static unsafe class OneDnnCaches
{
    /// <summary>How many numbers of the object are looked at.</summary>
    internal const int Count = 28;

    /// <summary>Where the numbers stand: the data caches' sizes in bytes, how many cores share each, and how many caches there are.</summary>
    internal const int Sizes = 7, Sharing = 17, Levels = 27;

    /// <summary>For how many caches there is room.</summary>
    internal const int Slots = 10;

    /// <summary>The object <c>dnnl::impl::cpu::x64::cpu()::cpu_</c>, and the compiler's mark whether it was filled.</summary>
    internal const string Object = "_ZZN4dnnl4impl3cpu3x643cpuEvE4cpu_", Guard = "_ZGVZN4dnnl4impl3cpu3x643cpuEvE4cpu_";

    /// <summary>The exported function whose address in memory is known.</summary>
    internal const string Anchor = "_ZN2at13globalContextEv";

    /// <summary>Where these lie in files that are known, so that half a million symbols need not be read at each start.</summary>
    private static readonly Dictionary<string, Places> s_known = new(StringComparer.Ordinal)
    {
        ["e59a73f8ca02c19463bd923dc568ce765b2a1106"] = new(0x1585b180, 0x1585b170, 0x1c784f0), // libtorch-cpu-linux-x64 2.10.0
    };

    /// <summary>The numbers in memory, once oneDNN has filled them.</summary>
    /// <param name="path">The file of <c>libtorch_cpu</c> that is loaded.</param>
    /// <param name="anchor">The address of <see cref="Anchor"/> in memory.</param>
    /// <returns>Empty where their place is not known, or oneDNN has not filled them yet.</returns>
    internal static Span<uint> Find(string path, nint anchor)
    {
        const int page = 4096;
        if (anchor == 0 || FindPlaces(path) is not { } places)
            return [];
        var start = anchor - (nint)places.Anchor;
        return start % page == 0 && *(byte*)(start + (nint)places.Guard) != 0
            ? new Span<uint>((void*)(start + (nint)places.Object), Count)
            : [];
    }

    /// <summary>Where the object, its guard and the anchor lie in a file; null where it does not tell.</summary>
    internal static Places? FindPlaces(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            using var file = File.OpenRead(path);
            return ElfFile.TryRead(file) is not { } elf ? null
                : elf.BuildId is { } id && s_known.TryGetValue(id, out var known) ? known
                : ReadPlaces(elf);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // the caller does without oneDNN then
        }
    }

    /// <summary>Where they lie by the file's symbol table; null where it was stripped of it.</summary>
    internal static Places? ReadPlaces(ElfFile file) =>
        file.FindSymbol(Object) is { } place && file.FindSymbol(Guard) is { } guard && file.FindSymbol(Anchor) is { } anchor
            ? new Places(place, guard, anchor)
            : null;

    /// <summary>Positions relative to where the file is loaded.</summary>
    internal readonly record struct Places(long Object, long Guard, long Anchor);
}
