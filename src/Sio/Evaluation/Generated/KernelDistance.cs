using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>
/// The squared maximum mean discrepancy of two sets of features under the kernel k(x, y) = (xᵀy/D + 1)³, without bias:
/// Σ_{i≠j} k(xᵢ, xⱼ)/(n(n−1)) + Σ_{i≠j} k(yᵢ, yⱼ)/(m(m−1)) − 2·Σᵢⱼ k(xᵢ, yⱼ)/(nm). Gretton et al. 2012, "A Kernel Two-Sample Test", equation 3; the kernel is that of
/// Bińkowski et al. 2018, "Demystifying MMD GANs", which calls it KID on the features of Inception.
/// </summary>
/// <remarks>
/// On the features of any other network it is not the published KID. Its expectation does not depend on the numbers of images, and it is below zero about half the time
/// where both sets come from one distribution. The paper's code averages over random subsets; here all pairs are taken once, which has the same expectation and less variance.
/// </remarks>
public static class KernelDistance
{
    /// <summary>The distance of two sets of features.</summary>
    /// <param name="first">[n,D], floating-point, finite; n ≥ 2.</param>
    /// <param name="second">[m,D] likewise.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a set has fewer than two rows.</exception>
    public static double Compute(Tensor first, Tensor second)
    {
        PointBlocks.Check(first, second, 2);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (a, b) = (first.detach().cpu().to(ScalarType.Float64), second.detach().cpu().to(ScalarType.Float64));
        double n = a.size(0), m = b.size(0);
        return ((KernelSum(a, a) - KernelTrace(a)) / (n * (n - 1))) + ((KernelSum(b, b) - KernelTrace(b)) / (m * (m - 1))) - (2 * KernelSum(a, b) / (n * m));
    }

    private static double KernelSum(Tensor a, Tensor b)
    {
        var sum = 0.0;
        PointBlocks.ForEach(a, (_, x) => PointBlocks.ForEach(b, (_, y) => sum += Sum(x.matmul(y.transpose(0, 1)), a.size(1))));
        return sum;
    }

    private static double KernelTrace(Tensor a) => Sum(a.square().sum(1), a.size(1));

    private static double Sum(Tensor products, long width)
    {
        var shifted = (products / width) + 1;
        return (shifted * shifted * shifted).sum().ToDouble();
    }
}
