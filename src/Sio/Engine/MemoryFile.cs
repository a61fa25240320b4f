using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sio.Engine;

/// <summary>
/// Loads a library from bytes. Linux has files that exist in memory alone; where the kernel or a sandbox forbids them, a temporary file does,
/// which is deleted as soon as it is loaded. Nothing is shared between processes, so two may do this at once.
/// </summary>
internal static partial class MemoryFile
{
    private const uint CloseOnExec = 1;

    private static readonly ConcurrentBag<SafeFileHandle> s_open = [];

    /// <summary>Loads the library.</summary>
    /// <param name="name">What the file is called in listings of the process.</param>
    /// <param name="bytes">The library.</param>
    /// <param name="inMemory">Whether files in memory may be tried; tests forbid it, as a sandbox does.</param>
    /// <returns>Its handle.</returns>
    /// <exception cref="DllNotFoundException">The system's loader rejects it.</exception>
    /// <exception cref="IOException">Neither memory nor the temporary folder takes it.</exception>
    internal static nint Load(string name, byte[] bytes, bool inMemory = true) =>
        inMemory && TryLoadFromMemory(name, bytes) is var library and not 0 ? library : LoadFromTemporary(name, bytes);

    private static nint TryLoadFromMemory(string name, byte[] bytes)
    {
        int descriptor;
        try
        {
            descriptor = memfd_create(name, CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            return 0; // a C library from before 2018
        }

        if (descriptor < 0)
            return 0;
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(file, bytes, 0);
            // Without /proc, or where programs may not run from memory, this fails, and the temporary file is tried.
            if (NativeLibrary.TryLoad($"/proc/{Environment.ProcessId}/fd/{descriptor}", out var library))
            {
                // Open for as long as the process lives: the system's loader knows a library by its path, and would take the next file with
                // this number for this one.
                s_open.Add(file);
                return library;
            }
        }
        catch (IOException)
        {
            // No memory for it, or a limit.
        }

        file.Dispose();
        return 0;
    }

    private static nint LoadFromTemporary(string name, byte[] bytes)
    {
        var folder = Directory.CreateTempSubdirectory("sio-"); // only this user may look into it
        try
        {
            var path = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(path, bytes);
            return NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true); // what is loaded stays loaded
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);
}
