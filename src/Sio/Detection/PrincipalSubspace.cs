using Sio.Torch;

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

    private static readonly Operator s_eigh = new("linalg_eigh");
    private static readonly Operator s_pinv = new("linalg_pinv.atol_rtol_float");

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
        var size = fit.HeadWeight.Size(1);
        var weight = fit.HeadWeight.Detach().To(DType.Float64);
        var bias = fit.HeadBias.Detach().To(DType.Float64);
        var pinv = s_pinv.Call(weight, null as double?, null as double?, false);
        var origin = state.Keep(Origin, pinv.MatMul(bias.Unsqueeze(1)).Squeeze(1).Neg());
        var moment = Tensor.Zeros([size, size], DType.Float64);
        for (var start = 0; start < bank.Count; start += Chunk)
        {
            using var scope = new TensorScope();
            var centred = bank.Features.Narrow(0, start, Math.Min(Chunk, bank.Count - start)).To(DType.Float64) - origin;
            moment.Add_(centred.Transpose(0, 1).MatMul(centred));
        }

        // Eigenvalues come in ascending order, so the residual directions come first.
        var vectors = s_eigh.CallPair(moment.Div_(bank.Count), "L").Second;
        state.Keep(Basis, vectors.Narrow(1, 0, size - dimension).Clone().Contiguous());
    }

    /// <summary>‖Nᵀ(f − u)‖ of each image.</summary>
    public static double[] ResidualNorms(FittedState state, FeatureBank bank)
    {
        var norms = new double[bank.Count];
        for (var start = 0; start < norms.Length; start += Chunk)
        {
            using var scope = new TensorScope();
            var count = Math.Min(Chunk, norms.Length - start);
            var centred = bank.Features.Narrow(0, start, count).To(DType.Float64) - state.Tensor(Origin);
            centred.MatMul(state.Tensor(Basis)).Norm(1).CopyTo<double>(norms.AsSpan(start, count));
        }

        return norms;
    }
}
