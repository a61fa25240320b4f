using System.IO.Compression;
using Sio.Serialization;

namespace Sio.Fuzz.Targets;

/// <summary>Files of <c>torch.save</c>, changed anywhere.</summary>
internal sealed class TorchTarget : FuzzTarget
{
    internal override string Name => "torch";

    internal override string FileName => "weights.pth";

    internal override IReadOnlyList<byte[]> Seeds() => Files("torch", "*.pth");

    internal override void Read(string path)
    {
        foreach (var tensor in TorchFile.Read(path).Values)
            tensor.Dispose();
    }
}

/// <summary>The same with the pickle within changed, and sums that fit: damage would be seen by its sum.</summary>
internal sealed class TorchPickleTarget : FuzzTarget
{
    internal override string Name => "torch-pickle";

    internal override string FileName => "weights.pth";

    internal override IReadOnlyList<byte[]> Seeds()
    {
        using var archive = Open();
        using var content = archive.Entries.First(IsPickle).Open();
        return [Written(content.CopyTo)];
    }

    internal override void Read(string path)
    {
        // The file is the pickle; the archive is put around it.
        var pickle = File.ReadAllBytes(path);
        var whole = path + ".zip";
        using (var from = Open())
        using (var to = ZipFile.Open(whole, ZipArchiveMode.Create))
        {
            foreach (var entry in from.Entries)
            {
                using var source = IsPickle(entry) ? new MemoryStream(pickle) : entry.Open();
                using var target = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                source.CopyTo(target);
            }
        }

        try
        {
            foreach (var tensor in TorchFile.Read(whole).Values)
                tensor.Dispose();
        }
        finally
        {
            File.Delete(whole);
        }
    }

    private static ZipArchive Open() => ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "seeds", "torch", "nested.pth"));

    private static bool IsPickle(ZipArchiveEntry entry) => entry.FullName.EndsWith("data.pkl", StringComparison.Ordinal);
}
