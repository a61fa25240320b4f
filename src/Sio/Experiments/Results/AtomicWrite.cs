using System.Text;

namespace Sio.Experiments.Results;

/// <summary>Writes a file so that a reader, or a crash, sees the old or the new contents and nothing between.</summary>
internal static class AtomicWrite
{
    /// <summary>Writes UTF-8 text to a temporary file beside the target, through to the disk, and renames it.</summary>
    public static void AllText(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
