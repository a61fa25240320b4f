using System.Runtime.InteropServices;

namespace Sio.Engine;

/// <summary>What the C libraries beneath LibTorch must know before it is loaded, and cannot be given later.</summary>
internal static partial class ProcessSettings
{
    private static int s_done;

    /// <summary>Makes the settings, once.</summary>
    internal static void Apply()
    {
        if (Interlocked.Exchange(ref s_done, 1) != 0)
            return;
        SpinLess();
        KeepFreedMemory();
    }

    /// <summary>
    /// Sets a variable where C code looks: .NET keeps an environment of its own outside Windows, and C libraries do not see what is set there.
    /// A value that the user has set stays.
    /// </summary>
    internal static void SetVariable(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not null)
            return;
        if (OperatingSystem.IsWindows())
            Environment.SetEnvironmentVariable(name, value);
        else
            _ = setenv(name, value, overwrite: 0);
    }

    // OpenMP's workers spin for milliseconds at every barrier. On a machine with anything else to do, that starves the very threads they wait
    // for: training on two cores beside one busy process was 1.6 times slower; on an idle machine the short spin costs nothing measurable.
    private static void SpinLess()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            SetVariable("GOMP_SPINCOUNT", "1000");
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
}
