using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>The digest of weights that scores and results carry, so that it can be seen which belong together.</summary>
internal static class WeightsDigest
{
    /// <summary>The array of the digest's 32 bytes in a file of scores.</summary>
    internal const string ScoresName = "weights_sha256";

    /// <summary>SHA-256 of a network's weights and of those that its training method added, in lower-case hexadecimal.</summary>
    internal static string Of(Classifier model)
    {
        using var scope = NewDisposeScope();
        return StateFile.Digest(model.StateDict().Concat((model.Extension?.StateDict() ?? []).Select(entry => ("objective." + entry.Name, entry.Value))), []);
    }

    /// <summary>The digest in a file of scores; null in one of an earlier version, or in one that cannot be read.</summary>
    internal static string? OfScores(string path)
    {
        try
        {
            return Npz.Read(path, name => name == ScoresName).TryGetValue(ScoresName, out var digest) ? Text(digest) : null;
        }
        catch (DataException)
        {
            return null;
        }
    }

    /// <summary>An array of a digest as text; null where it is none.</summary>
    internal static string? Text(NpyArray digest) => digest.Type == NpyType.UInt8 ? Convert.ToHexStringLower(digest.Elements<byte>()) : null;
}
