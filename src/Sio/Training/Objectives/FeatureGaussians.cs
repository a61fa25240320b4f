using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>Normal distributions of features, one per class with a covariance that all share: N(μ_c, Σ), Σ = L Lᵀ. Computed in float64.</summary>
/// <param name="Means">μ, [C,D].</param>
/// <param name="Factor">L, lower triangular, [D,D]; NaN where Σ is not positive definite in float64, so that what is computed from it tells.</param>
internal sealed record FeatureGaussians(Tensor Means, Tensor Factor)
{
    /// <summary>The distributions of features [C,S,D], with a multiple of the identity added to the covariance (which is divided by C·S).</summary>
    internal static FeatureGaussians Of(Tensor features, double ridge)
    {
        var (classes, size) = (features.size(0), features.size(2));
        var means = features.to(ScalarType.Float64).mean([1]);
        var covariance = torch.eye(size, dtype: ScalarType.Float64, device: features.device) * ridge;

        // Class by class: all of them in float64 may be a gigabyte.
        for (var c = 0; c < classes; c++)
        {
            using var scope = NewDisposeScope();
            var centred = features.select(0, c).to(ScalarType.Float64) - means.select(0, c);
            covariance.add_(centred.transpose(0, 1).matmul(centred), 1.0 / (classes * features.size(1)));
        }

        var (factor, info) = linalg.cholesky_ex(covariance);
        return new FeatureGaussians(means, factor.masked_fill(info.ne(0), double.NaN));
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
        var (classes, size) = (Means.size(0), Means.size(1));
        var squares = torch._standard_gamma(torch.full([classes, from], size / 2.0, dtype: ScalarType.Float64), random) * 2;
        var directions = torch.randn([classes, count, size], dtype: ScalarType.Float64, generator: random);
        var z = directions / linalg.vector_norm(directions, dims: [2], keepdim: true) * squares.topk(count).values.sqrt().unsqueeze(2);
        return (z.to(Means.device).matmul(Factor.transpose(0, 1)) + Means.unsqueeze(1)).reshape(classes * count, size);
    }
}
