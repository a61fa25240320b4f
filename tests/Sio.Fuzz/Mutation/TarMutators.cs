using System.Text;

namespace Sio.Fuzz.Mutation;

/// <summary>Where the headers of a tar archive are, by their sums.</summary>
internal static class TarBlocks
{
    internal const int Size = 512;
    private const int SumAt = 148, SumBytes = 8;

    internal static int[] Headers(byte[] archive) =>
        [.. Enumerable.Range(0, archive.Length / Size).Select(block => block * Size).Where(at => archive[at] != 0 && Stored(archive, at) == Sum(archive, at))];

    internal static void WriteSum(byte[] archive, int header) =>
        Encoding.ASCII.GetBytes(Convert.ToString(Sum(archive, header), 8).PadLeft(6, '0') + "\0 ").CopyTo(archive, header + SumAt);

    // The sum counts its own place as blanks.
    private static int Sum(byte[] archive, int header)
    {
        var sum = SumBytes * ' ';
        for (var i = 0; i < Size; i++)
            sum += i is >= SumAt and < SumAt + SumBytes ? 0 : archive[header + i];
        return sum;
    }

    private static int Stored(byte[] archive, int header)
    {
        var text = Encoding.ASCII.GetString(archive, header + SumAt, SumBytes).Trim('\0', ' ');
        return text.Length is > 0 and < 8 && text.All(c => c is >= '0' and <= '7') ? Convert.ToInt32(text, 8) : -1;
    }
}

/// <summary>A field of a tar header, whose sum is made anew.</summary>
internal sealed class TarHeaders : Mutator
{
    // Name, mode, owner, group, size, time, type, link, magic, device numbers, prefix: place and length.
    private static readonly (int At, int Length)[] s_fields =
        [(0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (124, 12), (136, 12), (156, 1), (156, 1), (157, 100), (257, 8), (329, 8), (337, 8), (345, 155)];

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var headers = TarBlocks.Headers(input);
        if (headers.Length == 0)
            return input;
        var output = (byte[])input.Clone();
        var header = draw.Pick(headers);
        var (at, length) = draw.Pick(s_fields);
        var field = output.AsSpan(header + at, length);
        switch (draw.Int(5))
        {
            case 0:
                Text(Convert.ToString(draw.Pick(Values.Integers), 8)).CopyTo(field);
                break;
            case 1: // The base-256 form of large numbers.
                field.Clear();
                field[0] = draw.Pick<byte>([0x80, 0xFF]);
                if (length >= 9)
                    Integers.Write(field[(length - 8)..], draw.Pick(Values.Integers), bigEndian: true);
                break;
            case 2:
                field.Fill(draw.Pick(Values.Bytes));
                break;
            case 3:
                Text(draw.Pick(Values.Words)).CopyTo(field);
                break;
            default:
                field[draw.Int(length)] = draw.Chance(2) ? (byte)"01234567LKxgSVMND"[draw.Int(17)] : draw.Bytes(1)[0];
                break;
        }

        TarBlocks.WriteSum(output, header);
        return output;

        byte[] Text(string text) => Encoding.UTF8.GetBytes(text) is var bytes && bytes.Length > length ? bytes[..length] : bytes;
    }
}

/// <summary>Blocks of a tar archive: a file's content spoilt within its block, a file twice, or left out.</summary>
/// <param name="content">What spoils a file, by its name.</param>
internal sealed class TarContents(Func<string, Mutator> content) : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var headers = TarBlocks.Headers(input);
        if (headers.Length == 0)
            return input;
        var number = draw.Int(headers.Length);
        var (start, end) = (headers[number], number + 1 < headers.Length ? headers[number + 1] : input.Length);
        switch (draw.Int(5))
        {
            case 0:
                return [.. input[..start], .. input[end..]];
            case 1:
                var to = draw.Pick(headers);
                return [.. input[..to], .. input[start..end], .. input[to..]];
            default:
                var (from, name) = (start + TarBlocks.Size, Encoding.UTF8.GetString(input, start, 100).TrimEnd('\0'));
                if (from >= end)
                    return input;
                var blocks = content(name).Mutate(input[from..end], draw);
                Array.Resize(ref blocks, end - from);
                return [.. input[..from], .. blocks, .. input[end..]];
        }
    }
}
