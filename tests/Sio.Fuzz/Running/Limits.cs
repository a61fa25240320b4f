namespace Sio.Fuzz.Running;

/// <summary>What reading one input may cost.</summary>
internal sealed record Limits
{
    /// <summary>For a file of some kilobytes.</summary>
    internal TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of .NET objects, on the reading thread.</summary>
    internal long Bytes { get; init; } = 512L << 20;

    /// <summary>Characters of the line that the command line shows.</summary>
    internal int LineLength { get; init; } = 2100;

    /// <summary>After so long it is given up: it hangs.</summary>
    internal TimeSpan Hang => Time * 4;
}
