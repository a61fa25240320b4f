namespace Sio.Fuzz.Mutation;

/// <summary>One of several mutators, each as likely as the others.</summary>
internal sealed class AnyOf(params Mutator[] mutators) : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw) => draw.Pick(mutators).Mutate(input, draw);
}
