using System.Buffers.Binary;

namespace Sio.Fuzz.Mutation;

/// <summary>One to eight bits the other way round.</summary>
internal sealed class BitFlips : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var output = (byte[])input.Clone();
        for (var count = 1 + draw.Int(8); count > 0; count--)
            output[draw.Place(output.Length)] ^= (byte)(1 << draw.Int(8));
        return output;
    }
}

/// <summary>Bytes of a value at which programs go wrong, or of any.</summary>
internal sealed class ByteValues : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var output = (byte[])input.Clone();
        for (var count = 1 + draw.Int(4); count > 0; count--)
            output[draw.Place(output.Length)] = draw.Chance(3) ? draw.Bytes(1)[0] : draw.Pick(Values.Bytes);
        return output;
    }
}

/// <summary>An integer of two, four or eight bytes, at any place, in either byte order: a boundary, or near the file's own length.</summary>
internal sealed class IntegerValues : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var size = 2 << draw.Int(3);
        if (input.Length < size)
            return input;
        var output = (byte[])input.Clone();
        var place = Math.Min(draw.Place(output.Length), output.Length - size);
        if (draw.Chance(2))
            place -= place % size;
        var value = draw.Chance(4) ? input.Length - place + draw.Int(9) - 4 : draw.Pick(Values.Integers);
        Integers.Write(output.AsSpan(place, size), value, draw.Chance(2));
        return output;
    }
}

/// <summary>An integer that is there, and a little more or less of it, or its double or half.</summary>
internal sealed class IntegerSteps : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var size = 1 << draw.Int(4);
        if (input.Length < size)
            return input;
        var output = (byte[])input.Clone();
        var at = output.AsSpan(Math.Min(draw.Place(output.Length), output.Length - size), size);
        var bigEndian = draw.Chance(2);
        var value = Integers.Read(at, bigEndian);
        Integers.Write(at, draw.Int(4) switch { 0 => value * 2, 1 => value / 2, 2 => value + 1 + draw.Int(35), _ => value - 1 - draw.Int(35) }, bigEndian);
        return output;
    }
}

/// <summary>Integers of one, two, four or eight bytes.</summary>
internal static class Integers
{
    internal static void Write(Span<byte> at, long value, bool bigEndian)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..at.Length].CopyTo(at);
        if (bigEndian)
            at.Reverse();
    }

    internal static long Read(ReadOnlySpan<byte> at, bool bigEndian)
    {
        Span<byte> bytes = stackalloc byte[8];
        at.CopyTo(bytes);
        if (bigEndian)
            bytes[..at.Length].Reverse();
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}
