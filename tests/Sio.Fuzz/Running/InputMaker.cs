using Sio.Data;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>Makes a target's inputs. Each is a function of the seed and its number: any of them can be made alone.</summary>
internal sealed class InputMaker
{
    private const int MostMutations = 8;

    // Beyond this a spoilt file says nothing new.
    private const int MostBytes = 1 << 20;

    private readonly FuzzTarget _target;
    private readonly long _seed;
    private readonly IReadOnlyList<byte[]>[] _sameFile;

    internal InputMaker(FuzzTarget target, long seed)
    {
        (_target, _seed) = (target, seed);
        Seeds = [.. target.Seeds()];
        _sameFile = [.. Seeds.Select(own => Seeds.Where(other => other.File == own.File).Select(other => other.Bytes).ToArray())];
    }

    /// <summary>The target's valid files. The first inputs are these, unspoilt.</summary>
    internal IReadOnlyList<Seed> Seeds { get; }

    /// <summary>Makes an input.</summary>
    /// <param name="number">Its number, from 0.</param>
    internal (string File, byte[] Bytes) Make(long number)
    {
        if (number < Seeds.Count)
            return (Seeds[(int)number].File, Seeds[(int)number].Bytes);
        var random = RandomStream.For(_seed, $"fuzz/{_target.Name}", number);
        var chosen = random.NextInt(Seeds.Count);
        var draw = new Draw(random, _sameFile[chosen]);
        var bytes = Seeds[chosen].Bytes;
        for (var count = 1; count <= MostMutations; count++)
        {
            var next = draw.Pick(_target.Mutators).Mutate(bytes, draw);
            bytes = next.Length > Math.Max(MostBytes, Seeds[chosen].Bytes.Length) ? bytes : next;
            if (draw.Chance(2))
                break;
        }

        return (Seeds[chosen].File, bytes);
    }
}
