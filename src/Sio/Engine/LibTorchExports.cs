using System.Runtime.InteropServices;

namespace Sio.Engine;

/// <summary>
/// What LibTorch exports and TorchSharp does not offer. They are C++ functions, whose names the compilers of Linux and macOS write alike and
/// that of Windows in its own way. A LibTorch that lacks one lacks that one ability; nothing else fails.
/// </summary>
internal sealed unsafe class LibTorchExports
{
    private readonly nint _library;

    internal LibTorchExports(nint library) => _library = library;

    /// <summary>The version of the loaded LibTorch; null where it does not tell.</summary>
    internal Version? Version
    {
        get
        {
            if (!NativeLibrary.TryGetExport(_library, "aoti_torch_abi_version", out var function))
                return null;
            var version = ((delegate* unmanaged<ulong>)function)(); // major, minor, patch in the upper three bytes
            return new Version((int)(version >> 56), (int)(version >> 48 & 0xFF), (int)(version >> 40 & 0xFF));
        }
    }

    /// <summary>The vector instructions of LibTorch's own kernels, e.g. <c>AVX2</c>; null where LibTorch cannot be asked.</summary>
    internal string? CpuCapability => ReadString("_ZN2at18get_cpu_capabilityB5cxx11Ev");

    /// <summary>LibTorch's report on how it was built; null where LibTorch cannot be asked.</summary>
    internal string? BuildConfig => ReadString("_ZN2at11show_configB5cxx11Ev");

    /// <summary>The address of <c>at::globalContext</c>, by which the place of other things in the library is known.</summary>
    internal nint GlobalContext => Find("_ZN2at13globalContextEv", "?globalContext@at@@YAAEAVContext@1@XZ");

    /// <summary>Lets convolutions use NNPACK or not.</summary>
    internal bool TrySetNnpack(bool on) => TrySet("_ZN2at7Context20setUserEnabledNNPACKEb", "?setUserEnabledNNPACK@Context@at@@QEAAX_N@Z", on);

    /// <summary>Lets operators use oneDNN or not.</summary>
    internal bool TrySetOneDnn(bool on) => TrySet("_ZN2at7Context20setUserEnabledMkldnnEb", "?setUserEnabledMkldnn@Context@at@@QEAAX_N@Z", on);

    /// <summary>Makes cuDNN choose the same kernels each time.</summary>
    internal bool TrySetDeterministicCudnn(bool on) =>
        TrySet("_ZN2at7Context21setDeterministicCuDNNEb", "?setDeterministicCuDNN@Context@at@@QEAAX_N@Z", on);

    /// <summary>Lets cuDNN try kernels out and take the fastest.</summary>
    internal bool TrySetBenchmarkCudnn(bool on) => TrySet("_ZN2at7Context17setBenchmarkCuDNNEb", "?setBenchmarkCuDNN@Context@at@@QEAAX_N@Z", on);

    /// <summary>Rejects operators that may differ from run to run.</summary>
    internal bool TrySetDeterministicAlgorithms(bool on)
    {
        var function = Find("_ZN2at7Context26setDeterministicAlgorithmsEbb", "?setDeterministicAlgorithms@Context@at@@QEAAX_N0@Z");
        if (function == 0 || Context() is not (var context and not 0))
            return false;
        ((delegate* unmanaged<nint, byte, byte, void>)function)(context, Flag(on), 0);
        return true;
    }

    /// <summary>Rounds denormal numbers to zero.</summary>
    /// <returns>Whether this CPU and this LibTorch can.</returns>
    internal bool TrySetFlushDenormal(bool on)
    {
        // Unlike the others a static function, which its mangled name does not show.
        var function = Find("_ZN2at7Context16setFlushDenormalEb", "?setFlushDenormal@Context@at@@SA_N_N@Z");
        return function != 0 && ((delegate* unmanaged<byte, byte>)function)(Flag(on)) != 0;
    }

    private bool TrySet(string itanium, string microsoft, bool on)
    {
        var function = Find(itanium, microsoft);
        if (function == 0 || Context() is not (var context and not 0))
            return false;
        ((delegate* unmanaged<nint, byte, void>)function)(context, Flag(on));
        return true;
    }

    private nint Context() => GlobalContext is var function and not 0 ? ((delegate* unmanaged<nint>)function)() : 0;

    private static byte Flag(bool on) => on ? (byte)1 : (byte)0;

    private nint Find(string itanium, string microsoft) =>
        NativeLibrary.TryGetExport(_library, OperatingSystem.IsWindows() ? microsoft : itanium, out var address) ? address : 0;

    // A function that returns a std::string of libstdc++: the caller gives 32 bytes, which begin with a pointer to the text and its length. A
    // short text lies within these bytes, a longer one on the heap. Other systems return it another way.
    private string? ReadString(string function)
    {
        const int size = 32, shortText = 16;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !NativeLibrary.TryGetExport(_library, function, out var address))
        {
            return null;
        }

        var bytes = stackalloc byte[size];
        ((delegate* unmanaged<byte*, byte*>)address)(bytes);
        var text = *(byte**)bytes;
        var result = Marshal.PtrToStringUTF8((nint)text, (int)*(nint*)(bytes + sizeof(nint)));
        if (text != bytes + shortText)
            NativeMemory.Free(text); // libstdc++'s operator delete is free
        return result;
    }
}
