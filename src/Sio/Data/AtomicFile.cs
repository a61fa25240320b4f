using System.Globalization;
using System.Security.Cryptography;

namespace Sio.Data;

/// <summary>
/// Writes files that are either complete or not there: the content goes to <c>path.tmp-RANDOM</c> in the same folder,
/// is flushed to the disk and then renamed over <c>path</c>. A reader, or a process killed at any moment, never meets
/// half a file.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a callback.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content; the stream can be sought and is closed for it.</param>
    /// <exception cref="IOException">
    /// The file cannot be written (missing folder, no permission, full disk): one line with the path. Nothing is left
    /// behind, and an older file of that name stays as it was. The same holds for whatever <paramref name="write"/>
    /// throws, which passes through unchanged unless it is an <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/>.
    /// </exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        string? temporary = null;
        try
        {
            var target = ResolveTarget(path);
            var name = TemporaryPrefix(target) + RandomNumberGenerator.GetHexString(12, lowercase: true);
            using (var stream = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                temporary = name;
                write(stream);
                // Without this a power cut after the rename could leave an empty file under the final name.
                stream.Flush(flushToDisk: true);
            }

            File.Move(name, target, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({DataFile.OneLine(e.Message)}).", e);
        }
        finally
        {
            if (temporary is not null)
                DeleteQuietly(temporary);
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark; see <see cref="Write"/>.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="text">The whole content.</param>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public static void WriteAllText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>
    /// Deletes the temporary files that killed writers of <paramref name="path"/> left behind. Call it only while no
    /// one else writes this file, for example when a run is resumed.
    /// </summary>
    /// <param name="path">The final name of the file.</param>
    /// <returns>How many files were deleted.</returns>
    public static int DeleteAbandoned(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var prefix = Path.GetFileName(TemporaryPrefix(path));
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder))
            return 0;

        var deleted = 0;
        foreach (var file in Directory.EnumerateFiles(folder))
            if (Path.GetFileName(file).StartsWith(prefix, StringComparison.Ordinal) && DeleteQuietly(file))
                deleted++;
        return deleted;
    }

    private static string TemporaryPrefix(string path) => string.Create(CultureInfo.InvariantCulture, $"{path}.tmp-");

    /// <summary>Follows a symbolic link, so that the file is replaced and not the link.</summary>
    private static string ResolveTarget(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("it is a folder");
        var target = new FileInfo(path).LinkTarget is null
            ? path
            : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        // A rename would replace the device itself; root could lose /dev/null that way.
        var full = Path.GetFullPath(target);
        if (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal))
            throw new IOException("it is a device, a regular file was expected");
        return target;
    }

    private static bool DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one worth reporting.
            return false;
        }
    }
}
