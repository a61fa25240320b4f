using Sio.Data;
using Sio.Detection;
using Sio.Torch;

namespace Sio.Tests.Detection;

/// <summary>
/// Features, logits and scores that the original Python implementations gave: <c>Fixtures/posthoc/posthoc.npz</c>, packed by
/// <c>make_posthoc.py</c> beside it.
/// </summary>
internal static class PosthocReference
{
    internal static readonly string[] Splits = ["id", "near", "far"];

    private static readonly IReadOnlyDictionary<string, NpyArray> s_arrays =
        Npz.Read(Path.Combine(AppContext.BaseDirectory, "Fixtures", "posthoc", "posthoc.npz"));

    /// <summary>The bank of <c>train</c>, <c>id</c>, <c>near</c> or <c>far</c>; the caller disposes it.</summary>
    internal static FeatureBank Bank(string split) =>
        new(split, Tensor($"{split}_features"), Tensor($"{split}_logits"), s_arrays[$"{split}_labels"].Elements<int>());

    /// <summary>What detectors are fitted on; the caller disposes the bank and the tensors.</summary>
    internal static DetectorFit Fit() => new(Bank("train"), Tensor("fc_weight"), Tensor("fc_bias"));

    internal static float[] Scores(string method, string split) => s_arrays[$"{method}_{split}"].Elements<float>();

    private static Tensor Tensor(string name) => Sio.Torch.Tensor.From(s_arrays[name].Elements<float>(), s_arrays[name].Shape);
}
