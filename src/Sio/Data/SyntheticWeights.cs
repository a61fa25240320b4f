using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sio.Data;

/// <summary>How much each image of a synthetic set counts in the loss, scaled so that the mean is 1.</summary>
public sealed class SyntheticWeights
{
    /// <summary>Takes weights.</summary>
    /// <param name="weights">One per image, in the set's order: finite, ≥ 0, not all 0.</param>
    /// <param name="source">What to call them in messages, usually a file.</param>
    /// <exception cref="DataException">There are none, one is negative or not finite, or all are 0.</exception>
    public SyntheticWeights(IReadOnlyList<double> weights, string source)
    {
        ArgumentNullException.ThrowIfNull(weights);
        for (var i = 0; i < weights.Count; i++)
        {
            if (!(weights[i] >= 0 && double.IsFinite(weights[i])))
                throw new DataException(ImageSet.Text($"{source}: the weight of image {i} is {weights[i]}, a finite number from 0 was expected."));
        }

        var largest = weights.DefaultIfEmpty().Max();
        if (largest == 0)
            throw new DataException($"{source}: {(weights.Count == 0 ? "has no weights" : "all weights are 0")}, at least one above 0 was expected.");

        // By the largest first: a sum of huge weights would overflow.
        var mean = weights.Sum(weight => weight / largest) / weights.Count;
        Values = [.. weights.Select(weight => (float)(weight / largest / mean))];
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(Values)));
    }

    /// <summary>One weight per image, in the set's order; their mean is 1. Not to be changed.</summary>
    public float[] Values { get; }

    /// <summary>SHA-256 over <see cref="Values"/>, in lower-case hexadecimal.</summary>
    public string ContentHash { get; }

    /// <summary>Reads weights.</summary>
    /// <param name="path">A <c>.npy</c> of shape (N) with numbers.</param>
    /// <param name="images">N, the number of images of the set that they are for.</param>
    /// <exception cref="DataException">The file is missing, damaged or of another shape, or the weights are none for such a set.</exception>
    public static SyntheticWeights Load(string path, int images)
    {
        var array = Npy.Read(path);
        if (array.Shape.Length != 1 || array.Length != images)
            throw new DataException(ImageSet.Text($"{path}: has shape {array.ShapeText()}, ({images},) was expected: a weight for each of the {images} synthetic images."));
        return new SyntheticWeights(array.ToDoubles(), path);
    }
}
