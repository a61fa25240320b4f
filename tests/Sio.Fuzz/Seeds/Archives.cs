using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Sio.Fuzz.Seeds;

/// <summary>Archives with files in them.</summary>
internal static class Archives
{
    internal static byte[] Zip(params ReadOnlySpan<(string Name, byte[] Bytes)> files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = archive.CreateEntry(name, CompressionLevel.Fastest);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return bytes.ToArray();
    }

    internal static byte[] Tar(TarEntryFormat format, params ReadOnlySpan<(string Name, byte[] Bytes)> files)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, format, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.ModificationTime = DateTimeOffset.UnixEpoch;
                entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
