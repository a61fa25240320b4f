using System.Buffers.Binary;
using System.IO.Compression;
using Sio.Data;

namespace Sio.Fuzz.Mutation;

/// <summary>Chunks of a PNG file, with their sums made anew: one spoilt, left out, twice, or its packed pixels unpacked, spoilt and packed.</summary>
internal sealed class PngBlocks : Mutator
{
    private const int Signature = 8, Overhead = 12;

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var chunks = new List<byte[]>();
        for (var at = Signature; at + Overhead <= input.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan(at));
            if (length > input.Length - at - Overhead)
                break;
            chunks.Add(input[(at + 4)..(at + 8 + (int)length)]);
            at += Overhead + (int)length;
        }

        if (chunks.Count == 0)
            return input;
        var number = draw.Int(chunks.Count);
        switch (draw.Int(6))
        {
            case 0: chunks.RemoveAt(number); break;
            case 1: chunks.Insert(draw.Int(chunks.Count), chunks[number]); break;
            default: chunks[number] = Spoilt(chunks[number], draw); break;
        }

        return [.. input[..Signature], .. chunks.SelectMany(Whole)];
    }

    private static byte[] Spoilt(byte[] chunk, Draw draw)
    {
        if (chunk.AsSpan().StartsWith("IDAT"u8) && draw.Chance(2))
        {
            try
            {
                using var zlib = new ZLibStream(new MemoryStream(chunk, 4, chunk.Length - 4), CompressionMode.Decompress);
                return [.. chunk[..4], .. Packing.Zlib(Mutators.Binary.Mutate(Packing.Content(zlib), draw))];
            }
            catch (InvalidDataException)
            {
                // Spoilt already.
            }
        }

        return draw.Chance(8) ? Mutators.Binary.Mutate(chunk, draw) : [.. chunk[..4], .. Mutators.Binary.Mutate(chunk[4..], draw)];
    }

    private static byte[] Whole(byte[] chunk)
    {
        var whole = new byte[chunk.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(whole, chunk.Length - 4);
        chunk.CopyTo(whole, 4);
        var sum = default(Crc32);
        sum.Append(chunk);
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(chunk.Length + 4), sum.Value);
        return whole;
    }
}

/// <summary>Segments of a JPEG file: one spoilt within its length, left out, twice, or elsewhere.</summary>
internal sealed class JpegSegments : Mutator
{
    private const byte StartOfScan = 0xDA;

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var cuts = new List<int>();
        for (var at = 2; at + 4 <= input.Length && input[at] == 0xFF;)
        {
            cuts.Add(at);
            if (input[at + 1] == StartOfScan)
                break;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 2));
        }

        if (cuts.Count < 2)
            return input;
        var number = draw.Int(cuts.Count - 1);
        var (start, end) = (cuts[number], cuts[number + 1]);
        if (end > input.Length)
            return input;
        switch (draw.Int(5))
        {
            case 0:
                return [.. input[..start], .. input[end..]];
            case 1:
                var to = draw.Pick(cuts);
                return [.. input[..to], .. input[start..end], .. input[to..]];
            default:
                var content = Mutators.Binary.Mutate(input[(start + 4)..end], draw);
                Array.Resize(ref content, end - start - 4);
                return [.. input[..(start + 4)], .. content, .. input[end..]];
        }
    }
}
