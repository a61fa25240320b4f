using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;

namespace Sio.Data.Store;

/// <summary>Unpacks archives. Paths may only lead down, links and devices are refused, checksums inside the archive are compared, and a truncated archive is seen.</summary>
internal static class Unpacker
{
    private const int TypeMask = 0xF000, LinkType = 0xA000, FileType = 0x8000, FolderType = 0x4000;

    /// <summary>Unpacks an archive.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="kind">Its kind, other than <see cref="ArchiveKind.None"/>.</param>
    /// <param name="files">Takes what it holds.</param>
    /// <param name="strip">A leading folder to leave out, or null.</param>
    /// <exception cref="DataException">It is damaged, truncated, unsafe, or beyond the limits.</exception>
    internal static void Unpack(string path, ArchiveKind kind, StagedFiles files, string? strip) => DataFile.Read(path, stream =>
    {
        try
        {
            if (kind == ArchiveKind.Zip)
            {
                UnpackZip(stream, files, strip);
            }
            else if (kind == ArchiveKind.Tar)
            {
                UnpackTar(stream, files, strip);
            }
            else
            {
                using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
                using var plain = new ChecksumStream(unpacked);
                UnpackTar(plain, files, strip);
                CheckTrailer(stream, plain);
            }

            return true;
        }
        catch (DataException error)
        {
            throw new DataException($"{path}: {error.Message}", error);
        }
        catch (Exception error) when (TarFailure.Is(error))
        {
            throw new DataException($"{path}: is damaged, or no {NameOf(kind)} archive ({DataFile.OneLine(error.Message)})", error);
        }
    });

    private static void UnpackZip(Stream stream, StagedFiles files, string? strip)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        ZipHeaders.Check(stream, "the archive");
        foreach (var entry in archive.Entries)
        {
            if (Target(entry.FullName, strip) is not { } path)
                continue;
            // Unix writers keep the file's type in the upper half; others leave it 0.
            var type = (entry.ExternalAttributes >> 16) & TypeMask;
            if (type == LinkType)
                throw new DataException($"{DataFile.Quote(entry.FullName)} is a link: refused");
            if (type is not (0 or FileType or FolderType))
                throw new DataException($"{DataFile.Quote(entry.FullName)} is neither a file nor a folder: refused");
            if (entry.IsEncrypted)
                throw new DataException($"{DataFile.Quote(entry.FullName)} is encrypted: only open archives can be read");
            if (entry.FullName.EndsWith('/'))
            {
                files.AddFolder(path);
                continue;
            }

            using var content = new ChecksumStream(entry.Open());
            var length = files.Add(path, content);
            if (length != entry.Length || content.Checksum != entry.Crc32)
                throw new DataException($"{DataFile.Quote(entry.FullName)} is damaged: its checksum is wrong");
        }
    }

    private static void UnpackTar(Stream stream, StagedFiles files, string? strip)
    {
        var whole = new EndWatch(stream);
        using (var tar = new TarReader(new TarGuard(whole), leaveOpen: true))
        {
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is TarEntryType.GlobalExtendedAttributes || Target(entry.Name, strip) is not { } path)
                    continue;
                switch (entry.EntryType)
                {
                    case TarEntryType.Directory:
                        files.AddFolder(path);
                        break;
                    case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                        var length = files.Add(path, entry.DataStream ?? Stream.Null);
                        if (length != entry.Length)
                            throw new DataException($"{DataFile.Quote(entry.Name)} is truncated: {length} of {entry.Length} bytes are there");
                        break;
                    case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                        throw new DataException($"{DataFile.Quote(entry.Name)} is a link: refused");
                    default:
                        throw new DataException($"{DataFile.Quote(entry.Name)} is neither a file nor a folder: refused");
                }
            }
        }

        whole.CheckEnd();
    }

    // .NET's gzip reader takes a file without its last bytes for a whole one, and does not miss what was in them.
    private static void CheckTrailer(Stream stream, ChecksumStream plain)
    {
        Span<byte> trailer = stackalloc byte[8];
        stream.Position = Math.Max(0, stream.Length - trailer.Length);
        stream.ReadExactly(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != plain.Checksum || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != (uint)plain.BytesRead)
            throw new DataException("is truncated or damaged: its gzip checksum is wrong");
    }

    private static string? Target(string name, string? strip)
    {
        var path = SafePath.Clean(name);
        if (path.Length == 0 || path == strip)
            return null;
        return !string.IsNullOrEmpty(strip) && path.StartsWith(strip + "/", StringComparison.Ordinal) ? path[(strip.Length + 1)..] : path;
    }

    private static string NameOf(ArchiveKind kind) => kind switch
    {
        ArchiveKind.Zip => "zip",
        ArchiveKind.Tar => "tar",
        _ => "tar.gz",
    };
}
