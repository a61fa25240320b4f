using Sio.Engine;

namespace Sio.EngineProbe;

/// <summary>
/// Starts oneDNN without a convolution, so that what it believes can be changed before its first one. The function is not exported; it is called
/// where the symbol table of the loaded file says.
/// </summary>
internal static unsafe class OneDnn
{
    private const string Function = "_ZN4dnnl4impl3cpu3x643cpuEv";

    internal static void Start(LoadedTorch loaded)
    {
        using var file = File.OpenRead(loaded.Path);
        var elf = ElfFile.TryRead(file) ?? throw new LibTorchException($"{loaded.Path} is no ELF file");
        if (elf.FindSymbol(Function) is not { } function || elf.FindSymbol(OneDnnCaches.Anchor) is not { } anchor)
            throw new LibTorchException($"{loaded.Path} has no symbols");
        ((delegate* unmanaged<nint>)(loaded.Exports.GlobalContext - (nint)anchor + (nint)function))();
    }
}
