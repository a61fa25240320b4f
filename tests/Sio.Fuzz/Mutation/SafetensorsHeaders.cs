using System.Buffers.Binary;

namespace Sio.Fuzz.Mutation;

/// <summary>The JSON header of a safetensors file, whose length is made to fit.</summary>
internal sealed class SafetensorsHeaders : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(input) is var length && length > (ulong)(input.Length - 8))
            return input;
        var end = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(input);
        var header = Mutators.Json.Mutate(input[8..end], draw);
        byte[] output = [.. input[..8], .. header, .. input[end..]];
        BinaryPrimitives.WriteUInt64LittleEndian(output, (ulong)header.Length);
        return output;
    }
}
