using System.Reflection;
using System.Runtime.InteropServices;

namespace Sio.Torch.Native;

/// <summary>
/// Finds <c>libsio_torch.so</c>: the file that <c>SIO_NATIVE</c> names, else the one beside the program, else the one a
/// checkout has built in <c>build/native</c>.
/// </summary>
internal static unsafe partial class NativeLibraryLoader
{
    private const int AbiVersion = 4;
    private const string FileName = "libsio_torch.so";

    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLoader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != NativeMethods.Library)
            return 0;
        var path = Locate();
        SpinLess();
        KeepFreedMemory();
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (DllNotFoundException error)
        {
            throw new TorchException("load native library", $"{path} cannot be loaded: {error.Message}");
        }

        var version = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "sio_abi_version"))();
        return version == AbiVersion
            ? library
            : throw new TorchException(
                "load native library", $"{path} has ABI version {version}, this program needs {AbiVersion}: run './sio setup' to build it again");
    }

    // OpenMP's workers spin for milliseconds at every barrier. On a machine with anything else to do, that starves the very threads they wait
    // for: training on two cores beside one busy process was 1.6 times slower; on an idle machine the short spin costs nothing measurable.
    // libgomp reads its settings when it is loaded, and from the C environment, which .NET's own setter does not reach.
    private static void SpinLess()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "1000", overwrite: 0);
    }

    // glibc gives a large block back to the kernel as soon as it is freed, so every activation of every step is mapped, zeroed page by page
    // and unmapped anew: 500,000 page faults per step of ResNet-18 at batch 128, a fifth of the time. Kept in the heap, a step finds the
    // blocks of the step before. Whoever tunes malloc by its own variable is left alone; another allocator does not look at these.
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1, mmapMax = -4; // names of <malloc.h>
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("GLIBC_TUNABLES") is not null)
            return;
        try
        {
            _ = mallopt(mmapMax, 0);
            _ = mallopt(trimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with a malloc of its own.
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    private static string Locate()
    {
        var named = Environment.GetEnvironmentVariable("SIO_NATIVE");
        if (!string.IsNullOrEmpty(named))
        {
            return File.Exists(named)
                ? named
                : throw new TorchException("load native library", $"SIO_NATIVE names {named}, which does not exist");
        }

        var beside = Path.Combine(AppContext.BaseDirectory, FileName);
        if (File.Exists(beside))
            return beside;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, "build", "native", FileName);
            if (File.Exists(built))
                return built;
        }

        throw new TorchException(
            "load native library", $"{FileName} was not found beside the program ({AppContext.BaseDirectory}): run './sio setup', or set SIO_NATIVE to its path");
    }
}
