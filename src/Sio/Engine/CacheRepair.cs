namespace Sio.Engine;

/// <summary>
/// Makes LibTorch's convolutions right on virtual machines that hide the CPU's caches. There oneDNN's copy of Xbyak takes an AMD CPU's answer,
/// all zeros, for three caches of one byte; its matrix kernels block their work by these sizes and compute wrong numbers or divide by zero.
/// Told that there are no caches, it uses sizes of its own, and is right at full speed.
/// </summary>
internal static class CacheRepair
{
    /// <summary>Repairs what this machine needs repaired.</summary>
    /// <exception cref="LibTorchException">It needs to be, and cannot be.</exception>
    internal static CacheSafety Apply(nint binding, LibTorchExports exports, string path) =>
        CacheVisibility.IsHidden() ? ApplyToHidden(binding, exports, path) : CacheSafety.NotNeeded;

    /// <summary>Repairs what a machine with hidden caches needs repaired.</summary>
    /// <exception cref="LibTorchException">LibTorch lets nothing be repaired.</exception>
    internal static CacheSafety ApplyToHidden(nint binding, LibTorchExports exports, string path)
    {
        FirstConvolution.Compute(binding); // fills the numbers
        var caches = OneDnnCaches.Find(path, exports.GlobalContext);
        var safety = Decide(caches);
        if (safety == CacheSafety.Repaired)
            caches[OneDnnCaches.Levels] = 0;
        return safety != CacheSafety.SwitchedOff || exports.TrySetOneDnn(false)
            ? safety
            : throw new LibTorchException(
                "this virtual machine hides the CPU's caches, with which LibTorch 2.10 computes wrong convolutions, and neither could they be "
                + "corrected nor oneDNN be switched off in this LibTorch; ask for a CPU that is passed through to the guest");
    }

    /// <summary>What is to be done on a machine with hidden caches, by what oneDNN believes.</summary>
    /// <param name="caches">The numbers of <see cref="OneDnnCaches"/>; empty where their place is not known.</param>
    internal static CacheSafety Decide(ReadOnlySpan<uint> caches)
    {
        if (caches.Length < OneDnnCaches.Count)
            return CacheSafety.SwitchedOff;
        // Exactly what a machine with the defect shows, in all the room that there is for caches, or it is not touched.
        ReadOnlySpan<uint> ones = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
        ReadOnlySpan<uint> zeros = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var sizes = caches.Slice(OneDnnCaches.Sizes, OneDnnCaches.Slots);
        var sharing = caches.Slice(OneDnnCaches.Sharing, OneDnnCaches.Slots);
        return caches[OneDnnCaches.Levels] switch
        {
            0 when sizes.SequenceEqual(zeros) && sharing.SequenceEqual(zeros) => CacheSafety.NotAffected, // as on an Intel CPU
            3 when sizes.SequenceEqual(ones) && sharing.SequenceEqual(ones) => CacheSafety.Repaired,
            _ => CacheSafety.SwitchedOff,
        };
    }
}
