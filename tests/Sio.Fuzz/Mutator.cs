using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sio.Data;

namespace Sio.Fuzz;

/// <summary>Makes one input of another. The same random stream makes the same input.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, bool isText)
{
    private const int MostChanges = 4, LargestInput = 1 << 16;

    private static readonly byte[] s_bytes = [0, 1, 0x7F, 0x80, 0xFE, 0xFF, (byte)'0', (byte)'-', (byte)' ', (byte)'\n'];

    private static readonly long[] s_integers =
    [
        0, 1, -1, sbyte.MaxValue, byte.MaxValue, short.MaxValue, ushort.MaxValue, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 31, 1L << 32, 1L << 40, long.MaxValue, long.MinValue,
    ];

    private static readonly string[] s_words =
    [
        "[", "]", "{", "}", ":", ",", "\"", "'", "|", "#", "&a ", "*a", "!!int ", "- ", "? ", "null", "~", "true", "NaN", ".inf", "-.inf", "1e999", "-1", "0", "9223372036854775807", "9223372036854775808",
        "1e9", "\t", "\r\n", "\0", "\uFEFF", "\u202E", "é", "𝄞", "../", "/dev/zero", "%s%n", "<script>", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "---\n", "...\n",
    ];

    /// <summary>An input.</summary>
    internal byte[] Next(Random random)
    {
        var bytes = seeds[random.Next(seeds.Count)];
        var changes = random.Next(1, MostChanges + 1);
        for (var i = 0; i < changes; i++)
            bytes = isText && random.Next(2) == 0 ? ChangeText(bytes, random) : Change(bytes, random);
        return bytes.Length > LargestInput ? bytes[..LargestInput] : bytes;
    }

    private byte[] Change(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
            return [(byte)random.Next(256)];
        var (at, copy) = (random.Next(bytes.Length), bytes.ToArray());
        switch (random.Next(9))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                copy[at] = s_bytes[random.Next(s_bytes.Length)];
                return copy;
            case 2:
                copy[at] = (byte)random.Next(256);
                return copy;
            case 3:
                WriteInteger(copy, at, random);
                return copy;
            case 4:
                return bytes[..at];
            case 5:
                return [.. bytes, .. Block(bytes, random)];
            case 6: // a block is left out
                var length = random.Next(1, Math.Min(bytes.Length - at, 64) + 1);
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 7: // a block is there twice
                return [.. bytes[..at], .. Block(bytes, random), .. bytes[at..]];
            default: // the end of another file
                var other = seeds[random.Next(seeds.Count)];
                return [.. bytes[..at], .. other[Math.Min(at, other.Length)..]];
        }
    }

    private static byte[] ChangeText(byte[] bytes, Random random)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var at = random.Next(text.Length + 1);
        var word = s_words[random.Next(s_words.Length)];
        var lines = text.Split('\n').ToList();
        var line = random.Next(lines.Count);
        switch (random.Next(5))
        {
            case 0:
                return Encoding.UTF8.GetBytes(text.Insert(at, word));
            case 1: // a value is another
                var colon = lines[line].IndexOf(':', StringComparison.Ordinal);
                lines[line] = colon < 0 ? word : lines[line][..(colon + 1)] + " " + word;
                break;
            case 2:
                lines.Insert(line, lines[random.Next(lines.Count)]);
                break;
            case 3:
                lines.RemoveAt(line);
                break;
            default:
                lines[line] = lines[line].Replace(random.Next(2) == 0 ? "]" : "}", string.Empty, StringComparison.Ordinal);
                break;
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    private static void WriteInteger(byte[] bytes, int at, Random random)
    {
        var value = s_integers[random.Next(s_integers.Length)] + random.Next(-1, 2);
        var size = 1 << random.Next(4);
        Span<byte> all = stackalloc byte[8];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteInt64LittleEndian(all, value);
        else
            BinaryPrimitives.WriteInt64BigEndian(all, value << (8 * (8 - size)));
        size = Math.Min(size, bytes.Length - at);
        all[..size].CopyTo(bytes.AsSpan(at));
    }

    private static byte[] Block(byte[] bytes, Random random)
    {
        var from = random.Next(bytes.Length);
        return bytes[from..(from + random.Next(1, Math.Min(bytes.Length - from, 256) + 1))];
    }

    /// <summary>The random numbers of an input.</summary>
    internal static Random RandomOf(string target, long seed, long number) =>
        new(unchecked((int)(RandomStream.Key(seed, "fuzz/" + target, number) & int.MaxValue)));

    /// <summary>What an input is called in messages and file names.</summary>
    internal static string NameOf(string target, long seed, long number) => string.Create(CultureInfo.InvariantCulture, $"{target}-{seed}-{number}");
}
