namespace Sio.Fuzz.Mutation;

/// <summary>Opcodes of Python's pickles in the place of others, or between them.</summary>
internal sealed class PickleOpcodes : Mutator
{
    private static readonly byte[] s_opcodes =
        [.. "(.012FIJKLMNPQRSTUVX\nabcdeghijlmoqrstu}]).\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x80\x81\x82BCG".Select(c => (byte)c)];

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var at = draw.Place(input.Length);
        var opcode = draw.Pick(s_opcodes);
        return draw.Int(3) switch
        {
            0 => [.. input[..at], opcode, .. input[(at + 1)..]],
            1 => [.. input[..at], .. Enumerable.Repeat(opcode, 1 + draw.Int(40)), .. input[at..]],
            _ => [.. input[..at], opcode, .. draw.Bytes(1 + draw.Int(8)), .. input[at..]],
        };
    }
}
