using System.Buffers.Binary;

namespace Sio.Fuzz.Mutation;

/// <summary>The dictionary in the header of a <c>.npy</c> file, whose length is made to fit.</summary>
internal sealed class NpyHeaders(Mutator text) : Mutator
{
    private const int Start = 10;

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length < Start || input[0] != 0x93 || input[6] != 1)
            return input;
        var end = Start + BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(8));
        if (end > input.Length)
            return input;
        var header = text.Mutate(input[Start..end], draw);
        if (header.Length > ushort.MaxValue)
            return input;
        byte[] output = [.. input[..Start], .. header, .. input[end..]];
        BinaryPrimitives.WriteUInt16LittleEndian(output.AsSpan(8), (ushort)header.Length);
        return output;
    }
}
