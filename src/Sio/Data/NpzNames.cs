using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Sio.Data;

/// <summary>
/// Names of classes that an <c>.npz</c> holds beside its images: a NumPy array (N) of text, <c>U</c> or <c>S</c>. One of Python objects is
/// a pickle, which is not
/// read.
/// </summary>
internal static partial class NpzNames
{
    private const int MaxBytes = 1 << 24, MaxHeader = 1 << 16, MaxLength = 1 << 12;

    /// <summary>The names, or null where the file has no such array of text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="array">The array's name.</param>
    /// <exception cref="DataException">The array is damaged, or too long to be names.</exception>
    internal static IReadOnlyList<string>? TryRead(string path, string array) => DataFile.Read(path, stream =>
    {
        try
        {
            using var archive = new ZipArchive(DataFile.WithKnownLength(stream, path), ZipArchiveMode.Read, leaveOpen: true);
            return archive.GetEntry(array + ".npy") is { } entry ? Read(entry, $"{path}[{array}]") : null;
        }
        catch (Exception e) when (Npz.IsZipFailure(e))
        {
            throw new DataException($"{path}: is not a complete, undamaged .npz archive ({DataFile.OneLine(e.Message)}).", e);
        }
    });

    private static string[]? Read(ZipArchiveEntry entry, string source)
    {
        if (entry.Length > MaxBytes)
            throw new DataException(ImageSet.Text($"{source}: takes {entry.Length} bytes, at most {MaxBytes} were expected of class names."));
        var bytes = new byte[entry.Length];
        using (var content = entry.Open())
            DataFile.ReadExactly(content, bytes, source, "array");
        var checksum = default(Crc32);
        checksum.Append(bytes);
        if (checksum.Value != entry.Crc32)
            throw new DataException($"{source}: is damaged, its checksum is {checksum.Value:x8} and {entry.Crc32:x8} was expected.");

        // Magic, version, and the header's length in two or, from version 2 on, in four bytes.
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
        if (bytes.Length < 12 || !bytes.AsSpan(0, 6).SequenceEqual(magic))
            return null;
        var start = bytes[6] == 1 ? 10 : 12;
        var length = bytes[6] == 1 ? BitConverter.ToUInt16(bytes, 8) : BitConverter.ToUInt32(bytes, 8);
        if (length > MaxHeader || start + length > bytes.Length)
            throw new DataException($"{source}: is cut off in its header.");
        var header = Encoding.Latin1.GetString(bytes, start, (int)length);
        var (type, shape) = (TextType().Match(header), OneDimension().Match(header));
        if (!type.Success || !shape.Success)
            return null;
        var size = int.Parse(type.Groups["size"].ValueSpan, CultureInfo.InvariantCulture);
        var count = long.Parse(shape.Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        var isUnicode = type.Groups["kind"].ValueSpan is "U";
        var width = isUnicode ? size * 4 : size;
        var data = bytes.AsSpan(start + (int)length);
        if (size > MaxLength || count * width != data.Length)
            throw new DataException(ImageSet.Text($"{source}: holds {data.Length} bytes of names, {count} of {width} each were expected."));
        Encoding encoding = !isUnicode ? Encoding.UTF8 : type.Groups["order"].ValueSpan is ">" ? new UTF32Encoding(bigEndian: true, byteOrderMark: false) : Encoding.UTF32;
        var names = new string[count];
        for (var i = 0; i < names.Length; i++)
            names[i] = encoding.GetString(data.Slice(i * width, width)).TrimEnd('\0');
        return names;
    }

    [GeneratedRegex("'descr': '(?<order>[<>|])(?<kind>[US])(?<size>[0-9]{1,6})'")]
    private static partial Regex TextType();

    [GeneratedRegex(@"'shape': \((?<count>[0-9]{1,7}),\)")]
    private static partial Regex OneDimension();
}
