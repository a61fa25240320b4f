namespace Sio.Fuzz.Mutation;

/// <summary>The end cut off.</summary>
internal sealed class Truncation : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw) => input.Length == 0 ? input : input[..draw.Place(input.Length)];
}

/// <summary>More at the end: zeros, noise, or the file's own beginning.</summary>
internal sealed class Extension : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var count = draw.Length(4096);
        return [.. input, .. draw.Int(3) switch { 0 => new byte[count], 1 => draw.Bytes(count), _ => input[..Math.Min(count, input.Length)] }];
    }
}

/// <summary>A block once more, in between or over what is there.</summary>
internal sealed class BlockCopy : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var (from, to) = (draw.Place(input.Length), draw.Place(input.Length));
        var length = Math.Min(draw.Length(input.Length), input.Length - from);
        var block = input.AsSpan(from, length);
        return draw.Chance(2) ? [.. input[..to], .. block, .. input[to..]] : [.. input[..to], .. block, .. input[Math.Min(input.Length, to + length)..]];
    }
}

/// <summary>A block left out.</summary>
internal sealed class BlockDeletion : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var from = draw.Place(input.Length);
        return [.. input[..from], .. input[Math.Min(input.Length, from + draw.Length(input.Length))..]];
    }
}

/// <summary>Two blocks, one in the place of the other.</summary>
internal sealed class BlockSwap : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length < 3)
            return input;
        int[] cuts = [draw.Int(input.Length), draw.Int(input.Length), draw.Int(input.Length), draw.Int(input.Length)];
        Array.Sort(cuts);
        return [.. input[..cuts[0]], .. input[cuts[2]..cuts[3]], .. input[cuts[1]..cuts[2]], .. input[cuts[0]..cuts[1]], .. input[cuts[3]..]];
    }
}

/// <summary>A block of one value.</summary>
internal sealed class BlockFill : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input.Length == 0)
            return input;
        var output = (byte[])input.Clone();
        var from = draw.Place(output.Length);
        output.AsSpan(from, Math.Min(draw.Length(output.Length), output.Length - from)).Fill(draw.Pick(Values.Bytes));
        return output;
    }
}

/// <summary>The beginning of this file and the end of another one.</summary>
internal sealed class Splice : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var other = draw.Pick(draw.Others);
        if (input.Length == 0 || other.Length == 0)
            return input;
        return [.. input[..draw.Place(input.Length)], .. other[draw.Place(other.Length)..]];
    }
}
