using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sio.Data;

/// <summary>
/// Opens files that a user names. A pipe is rejected before anything waits for its other end, and a device, which may have no end, before
/// anything reads it whole.
/// </summary>
internal static partial class InputFile
{
    /// <summary>The most that a file of text that is written by hand may have: 4 MiB.</summary>
    public const long LargestText = 4 << 20;

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    /// <exception cref="IOException">It is a pipe, a socket or a device, or cannot be opened.</exception>
    public static FileStream Open(string path, int bufferSize = 1 << 16)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new UnauthorizedAccessException($"{path} is a folder, a file was expected");
        // Without O_NONBLOCK, opening a pipe waits for somebody who writes.
        if (!OperatingSystem.IsWindows() && IsPipe(path))
            throw new IOException($"{path} is a pipe or a socket, a file was expected; save it as a file first");
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize);
        try
        {
            if (!file.CanSeek || (file.Length == 0 && file.ReadByte() >= 0))
                throw new IOException($"{path} is a device, a file was expected");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file of text, UTF-8 or what its byte order mark says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <exception cref="IOException">As for <see cref="Open"/>; or the file is larger.</exception>
    public static string ReadText(string path, long limit = LargestText)
    {
        using var file = Open(path);
        if (file.Length > limit)
            throw new IOException(FormattableString.Invariant($"{path} has {file.Length} bytes; at most {limit} are read"));
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static bool IsPipe(string path)
    {
        // Files, folders, and what cannot be looked at: opened in the usual way, with the usual exceptions.
        const int readOnly = 0;
        var nonBlocking = OperatingSystem.IsMacOS() ? 0x4 : 0x800;
        using var handle = new SafeFileHandle(OpenFile(path, readOnly | nonBlocking), ownsHandle: true);
        return !handle.IsInvalid && Seek(handle, 0, 1) < 0 && Marshal.GetLastPInvokeError() == 29; // ESPIPE
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);
}
