using Sio.Torch;

namespace Sio.Training.Objectives;

/// <summary>Normal distributions of features, one per class with a covariance that all share: N(μ_c, Σ), Σ = L Lᵀ. Computed in float64.</summary>
/// <param name="Means">μ, [C,D].</param>
/// <param name="Factor">L, lower triangular, [D,D]; NaN where Σ is not positive definite in float64, so that what is computed from it tells.</param>
internal sealed record FeatureGaussians(Tensor Means, Tensor Factor)
{
    private static readonly Operator s_cholesky = new("aten::linalg_cholesky_ex");
    private static readonly Operator s_gamma = new("aten::_standard_gamma");

    /// <summary>The distributions of features [C,S,D], with a multiple of the identity added to the covariance (which is divided by C·S).</summary>
    internal static FeatureGaussians Of(Tensor features, double ridge)
    {
        var (classes, size) = (features.Size(0), features.Size(2));
        var means = features.To(DType.Float64).Mean([1]);
        var covariance = Tensor.Eye(size, DType.Float64, features.Device) * ridge;

        // Class by class: all of them in float64 may be a gigabyte.
        for (var c = 0; c < classes; c++)
        {
            using var scope = new TensorScope();
            var centred = features.Select(0, c).To(DType.Float64) - means.Select(0, c);
            covariance.Add_(centred.Transpose(0, 1).MatMul(centred), 1.0 / (classes * features.Size(1)));
        }

        var (factor, info) = s_cholesky.CallPair(covariance);
        return new FeatureGaussians(means, factor.MaskedFill(info.Ne(0), double.NaN));
    }

    /// <summary>
    /// Of many draws from each class, those of lowest density: [C·count, D], the first class's first. Exact, but without making the many: the density of μ + L z falls with ‖z‖ alone, which is
    /// independent of the direction of z, and its square is chi-squared with D degrees of freedom. So the largest of that many lengths are drawn, and directions for these.
    /// </summary>
    /// <param name="from">Draws per class.</param>
    /// <param name="count">How many of them are wanted; at most <paramref name="from"/>.</param>
    /// <param name="random">Random numbers, on the CPU.</param>
    internal Tensor LeastLikely(int from, int count, Generator random)
    {
        var (classes, size) = (Means.Size(0), Means.Size(1));
        var squares = s_gamma.Call(Tensor.Full([classes, from], size / 2.0, DType.Float64), random) * 2;
        var directions = Tensor.Randn([classes, count, size], random, DType.Float64);
        var z = directions / directions.Norm(2, keepDim: true) * squares.TopK(count).Values.Sqrt().Unsqueeze(2);
        return (z.To(Means.Device).MatMul(Factor.Transpose(0, 1)) + Means.Unsqueeze(1)).Reshape(classes * count, size);
    }
}
