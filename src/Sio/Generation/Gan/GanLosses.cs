using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>What generator and discriminator minimise. Scores [N] are the discriminator's, higher for what looks real.</summary>
internal static class GanLosses
{
    /// <summary>
    /// Hinge: mean max(0, 1 − D(x)) + mean max(0, 1 + D(G(z))). Non-saturating: mean log(1 + e^−D(x)) + mean log(1 + e^D(G(z))).
    /// </summary>
    internal static Tensor Discriminator(GanLoss loss, Tensor real, Tensor fake) => loss == GanLoss.Hinge
        ? ((Scalar)1 - real).relu().mean() + (fake + 1).relu().mean()
        : nn.functional.softplus((-real)).mean() + nn.functional.softplus(fake).mean();

    /// <summary>Hinge: −mean D(G(z)). Non-saturating: mean log(1 + e^−D(G(z))).</summary>
    internal static Tensor Generator(GanLoss loss, Tensor fake) => loss == GanLoss.Hinge ? -fake.mean() : nn.functional.softplus((-fake)).mean();

    /// <summary>
    /// R1: the mean over real images of ‖∇ₓ D(x)‖², by which γ/2 is multiplied (Mescheder et al. 2018, "Which training methods for GANs do actually converge?", arXiv 1801.04406, equation 9).
    /// </summary>
    /// <param name="discriminator">Called with the images.</param>
    /// <param name="images">Real images [N,C,H,W].</param>
    /// <returns>A single number that backward can go through.</returns>
    internal static Tensor R1(Func<Tensor, Tensor> discriminator, Tensor images)
    {
        var input = images.detach();
        input.requires_grad = true;
        // An image's score depends on that image alone, so the gradient of the sum holds the gradients of all.
        var gradient = InputGradients.Of(discriminator(input).sum(), input, create: true);
        return gradient.square().flatten(1).sum(1).mean();
    }
}
