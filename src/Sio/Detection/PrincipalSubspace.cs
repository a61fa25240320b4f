using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// What of a feature lies outside the directions in which training features are large: Nᵀ(f − u) with u = −W⁺b, the point where all logits are zero,
/// and N the eigenvectors of E[(f − u)(f − u)ᵀ] after the largest ones. Wang et al. 2022, "ViM: Out-Of-Distribution with Virtual-logit Matching",
/// section 4. In float64 and in chunks.
/// </summary>
internal static class PrincipalSubspace
{
    private const string Origin = "origin";
    private const string Basis = "residual_basis";
    private const int UsualDimension = 42;
    private const int Chunk = 4096;

    /// <summary>
    /// The number of principal directions where none was chosen: 42, the peers' default, for feature sizes D of at least 63; D/2, ViM's own
    /// rule of thumb for small sizes, below, where 42 would be more than two thirds of D.
    /// </summary>
    public static int DefaultDimension(long featureSize) => 3 * UsualDimension <= 2 * featureSize ? UsualDimension : (int)(featureSize / 2);

    /// <summary>Learns u and N.</summary>
    /// <param name="state">Where they are kept.</param>
    /// <param name="fit">The last layer.</param>
    /// <param name="bank">In-distribution features.</param>
    /// <param name="dimension">How many directions are principal, from 0 to D − 1.</param>
    public static void Fit(FittedState state, DetectorFit fit, FeatureBank bank, int dimension)
    {
        var size = fit.HeadWeight.size(1);
        var weight = fit.HeadWeight.detach().to(ScalarType.Float64);
        var bias = fit.HeadBias.detach().to(ScalarType.Float64);
        var pinv = linalg.pinv(weight);
        var origin = state.Keep(Origin, pinv.matmul(bias.unsqueeze(1)).squeeze(1).neg());
        var moment = torch.zeros([size, size], dtype: ScalarType.Float64);
        for (var start = 0; start < bank.Count; start += Chunk)
        {
            using var scope = NewDisposeScope();
            var centred = bank.Features.narrow(0, start, Math.Min(Chunk, bank.Count - start)).to(ScalarType.Float64) - origin;
            moment.add_(centred.transpose(0, 1).matmul(centred));
        }

        // Eigenvalues come in ascending order, so the residual directions come first.
        var vectors = linalg.eigh(moment.div_(bank.Count)).Item2;
        state.Keep(Basis, vectors.narrow(1, 0, size - dimension).clone().contiguous());
    }

    /// <summary>‖Nᵀ(f − u)‖ of each image.</summary>
    public static double[] ResidualNorms(FittedState state, FeatureBank bank)
    {
        var norms = new double[bank.Count];
        for (var start = 0; start < norms.Length; start += Chunk)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(Chunk, norms.Length - start);
            var centred = bank.Features.narrow(0, start, count).to(ScalarType.Float64) - state.Tensor(Origin);
            linalg.vector_norm(centred.matmul(state.Tensor(Basis)), dims: [1]).CopyTo<double>(norms.AsSpan(start, count));
        }

        return norms;
    }
}
