using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Evaluation.Generated;

/// <summary>Points for tests, in the current scope.</summary>
internal static class Points
{
    /// <summary>One feature a point.</summary>
    internal static Tensor Line(params double[] values) => torch.tensor(values, [values.Length, 1]);

    /// <summary>Normal points around an offset, [count,width] float32.</summary>
    internal static Tensor Normal(int count, int width, long seed, double offset = 0, double scale = 1)
    {
        var random = RandomStream.For(seed, "points");
        var values = new float[count * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((scale * random.NextGaussian()) + offset);
        return torch.tensor(values, [count, width]);
    }

    internal static double Distance(float[] a, int i, float[] b, int j, int width)
    {
        var sum = 0.0;
        for (var d = 0; d < width; d++)
            sum += Math.Pow((double)a[(i * width) + d] - b[(j * width) + d], 2);
        return Math.Sqrt(sum);
    }
}
