namespace Sio.Fuzz.Mutation;

/// <summary>A way of spoiling a file. It is a function of the file and of what is drawn, so that an input can be made again.</summary>
internal abstract class Mutator
{
    /// <summary>What it is called in findings.</summary>
    internal virtual string Name => GetType().Name;

    /// <summary>Makes a spoilt copy; a file that it can do nothing with comes back as it is.</summary>
    /// <param name="input">The file; not changed.</param>
    /// <param name="draw">What is random.</param>
    internal abstract byte[] Mutate(byte[] input, Draw draw);
}
