using Sio.Data;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Sio.Serialization;

/// <summary>What a file is that should hold weights. The content decides: files are renamed, cut off, and saved by web browsers under the
/// name of what they should have been.</summary>
internal static class WeightsFileKind
{
    /// <summary>How weights are to be saved for this program.</summary>
    internal const string SaveAnew = "save the weights anew in Python: torch.save(model.state_dict(), \"weights.pth\"), or safetensors.torch.save_file(model.state_dict(), \"weights.safetensors\")";

    private const int HeadBytes = 512;

    // What torch.save wrote first before 1.6: a pickle of this number.
    private static readonly byte[] s_legacyMagic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Whether a file is in the safetensors format: a length that the file has room for, and the bracket that opens the
    /// header.</summary>
    internal static bool IsSafetensors(string path)
    {
        using var file = InputFile.Open(path);
        var head = Head(file);
        return head.Length > sizeof(ulong) && head[sizeof(ulong)] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)file.Length;
    }

    /// <summary>Whether a file is of torch.save, or says itself that it is something else than a safetensors file.</summary>
    internal static bool IsTorch(string path)
    {
        using var file = InputFile.Open(path);
        return IsZip(Head(file)) || (Refusal(file) is not null && file.Length > 0);
    }

    /// <summary>Whether a file begins as a zip archive does.</summary>
    internal static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8);

    /// <summary>Says what a file is that has no tensors to be read; null for one that may.</summary>
    /// <param name="file">The file, at its start; it is there again afterwards.</param>
    internal static string? Refusal(Stream file)
    {
        var head = Head(file);
        if (head.Length == 0)
            return "it is empty: a download or a copy that did not finish, perhaps";
        if (IsZip(head))
            return null;
        var text = Encoding.Latin1.GetString(head).TrimStart();
        if (head.AsSpan().IndexOf(s_legacyMagic) is >= 0 and <= 2)
            return $"it was written by torch.save before PyTorch 1.6, in a form that is not read: in Python, torch.save(torch.load(\"FILE\", map_location=\"cpu\"), \"NEW.pth\") writes it as it is now";
        // A safetensors file that was cut off may begin so, too.
        if (head is [0x80, <= 5, ..] && !(head.Length > sizeof(ulong) && head[sizeof(ulong)] == (byte)'{'))
            return $"it is a plain pickle, as pickle.dump writes it, whose tensors have a form of their own: {SaveAnew}";
        if (head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, .. "HDF"u8]))
            return "it is HDF5, as Keras writes it; weights of PyTorch were expected";
        if (head is [0x1f, 0x8b, ..])
            return "it is packed by gzip: unpack it first";
        if (head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8]))
            return "it is one array of numpy; weights with their names were expected";
        if (head.Length > 261 && head.AsSpan(257).StartsWith("ustar"u8))
            return "it is a tar archive: unpack it first";
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "it is Git LFS's pointer to the file, and not the file: fetch it with 'git lfs pull'";
        if (text.StartsWith('<'))
            return "it is a web page, and not the file that the page offers: download it anew";
        return null;
    }

    /// <summary>Says what a zip archive is that has no pickle of torch.save.</summary>
    internal static string Refusal(ZipArchive archive)
    {
        if (archive.Entries.Count > 0 && archive.Entries.All(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)))
            return "it is an .npz of numpy; weights of PyTorch were expected";
        if (archive.Entries.FirstOrDefault(entry => entry.Name.EndsWith(".pth", StringComparison.Ordinal) || entry.Name.EndsWith(".ckpt", StringComparison.Ordinal)
            || entry.Name.EndsWith(".pt", StringComparison.Ordinal) || entry.Name.EndsWith(".safetensors", StringComparison.Ordinal)) is { } inner)
            return $"it is a zip archive around {inner.FullName}: unpack it first";
        return "it has no data.pkl: it was not written by torch.save";
    }

    /// <summary>Says what a folder is that was named in place of a file.</summary>
    internal static string OfFolder(string path)
    {
        if (File.Exists(Path.Combine(path, "data.pkl")))
            return $"{path} is a folder, as a .pth file becomes when it is unpacked: name the .pth file itself";
        string[] likely = [Path.Combine("checkpoint", "model.safetensors"), "model.safetensors", "pytorch_model.bin", "best.ckpt", "best.pth"];
        var there = Array.Find(likely, name => File.Exists(Path.Combine(path, name)))
            ?? Directory.EnumerateFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault(name => Path.GetExtension(name) is ".pth" or ".pt" or ".ckpt" or ".bin" or ".safetensors");
        return $"{path} is a folder, a file of weights was expected{(there is null ? string.Empty : $"; {Path.Combine(path, there)} may be meant")}";
    }

    private static byte[] Head(Stream file)
    {
        var start = file.Position;
        var head = new byte[HeadBytes];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = start;
        return head[..read];
    }
}
