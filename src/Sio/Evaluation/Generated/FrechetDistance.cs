using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>
/// The squared Fréchet distance of the Gaussians with the means and covariances of two sets of features:
/// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2·(Σ₁^½ Σ₂ Σ₁^½)^½). Dowson &amp; Landau 1982, equation 4; Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a
/// Local Nash Equilibrium", equation 6, which calls it FID on the features of Inception.
/// </summary>
/// <remarks>
/// <para>On the features of any other network it is not the published FID and must not be compared with it. It depends on the number of images too (fewer give more):
/// compare values for equal numbers, from one network.</para>
/// <para>The square root is exact: Σ₁^½ Σ₂ Σ₁^½ is symmetric and has the eigenvalues of Σ₁Σ₂, so that two symmetric eigendecompositions in float64 do where the usual
/// code iterates on a matrix that is not symmetric. Covariances have the divisor n − 1.</para>
/// </remarks>
public static class FrechetDistance
{
    /// <summary>The distance of two sets of features.</summary>
    /// <param name="first">[n,D], floating-point, finite; n ≥ 2.</param>
    /// <param name="second">[m,D] likewise.</param>
    /// <returns>≥ 0, in squared units of the features.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or a set has fewer than two rows.</exception>
    public static double Compute(Tensor first, Tensor second)
    {
        PointBlocks.Check(first, second, 2);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (mean1, covariance1) = Moments(first);
        var (mean2, covariance2) = Moments(second);
        return Between(mean1, covariance1, mean2, covariance2);
    }

    /// <summary>The distance of two Gaussians.</summary>
    /// <param name="mean1">[D] float64.</param>
    /// <param name="covariance1">[D,D] float64, symmetric, positive semi-definite.</param>
    /// <param name="mean2">[D] float64.</param>
    /// <param name="covariance2">[D,D] likewise.</param>
    /// <returns>≥ 0.</returns>
    public static double Between(Tensor mean1, Tensor covariance1, Tensor mean2, Tensor covariance2)
    {
        ArgumentNullException.ThrowIfNull(mean1);
        ArgumentNullException.ThrowIfNull(covariance1);
        ArgumentNullException.ThrowIfNull(mean2);
        ArgumentNullException.ThrowIfNull(covariance2);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(covariance1);

        // Rounding can leave an eigenvalue of a singular covariance just below zero.
        var root = (vectors * values.clamp(min: 0).sqrt()).matmul(vectors.transpose(0, 1));
        var product = root.matmul(covariance2).matmul(root);
        var (common, _) = linalg.eigh((product + product.transpose(0, 1)) * 0.5);
        var distance = Number((mean1 - mean2).square()) + Trace(covariance1) + Trace(covariance2) - (2 * Number(common.clamp(min: 0).sqrt()));
        return Math.Max(0, distance);
    }

    private static (Tensor Mean, Tensor Covariance) Moments(Tensor features)
    {
        var mean = torch.zeros([features.size(1)], dtype: ScalarType.Float64);
        PointBlocks.ForEach(features, (_, block) => mean.add_(Double(block).sum(dim: 0)));
        mean.div_(features.size(0));
        var covariance = torch.zeros([features.size(1), features.size(1)], dtype: ScalarType.Float64);
        PointBlocks.ForEach(features, (_, block) =>
        {
            var centred = Double(block) - mean;
            covariance.add_(centred.transpose(0, 1).matmul(centred));
        });
        return (mean, covariance.div_(features.size(0) - 1));
    }

    private static Tensor Double(Tensor block) => block.detach().cpu().to(ScalarType.Float64);

    private static double Trace(Tensor matrix) => Number(matrix * torch.eye(matrix.size(0), dtype: ScalarType.Float64));

    private static double Number(Tensor terms) => terms.sum().ToDouble();
}
