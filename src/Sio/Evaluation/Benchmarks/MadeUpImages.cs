using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>The seeded sets that any image size can have: <c>made-up:gaussian</c>, <c>uniform</c>, <c>blobs</c>, <c>gratings</c>.</summary>
internal static class MadeUpImages
{
    internal const string Prefix = "made-up:";

    /// <summary>Makes one.</summary>
    /// <exception cref="DataException">There is no such kind.</exception>
    internal static ImageSet Make(string source, string name, ImageSet like, int count, int seed)
    {
        Func<int, int, int, int, long, ImageSet> make = source[Prefix.Length..] switch
        {
            "gaussian" => NoiseImages.Gaussian,
            "uniform" => NoiseImages.Uniform,
            "blobs" => NoiseImages.Blobs,
            "gratings" => NoiseImages.Gratings,
            var kind => throw new DataException($"there are no made-up images '{kind}'; there are: gaussian, uniform, blobs, gratings"),
        };
        return make(count, like.Channels, like.Height, like.Width, seed).Renamed(name);
    }
}
