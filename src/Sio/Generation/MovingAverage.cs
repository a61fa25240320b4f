using Sio.Nn;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// The exponential moving average of a network's weights, w̄ ← β·w̄ + (1 − β)·w, with β = ½^(batch / half-life) and a half-life that is at most a share of the images seen
/// so far (Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", appendix F.3). Running statistics are averaged like weights; counters are copied.
/// </summary>
public static class MovingAverage
{
    /// <summary>β for one step.</summary>
    /// <param name="plan">Half-life, ramp-up and batch size.</param>
    /// <param name="step">Steps done before this one.</param>
    public static double Decay(GenerationPlan plan, long step)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var halfLife = Math.Min(plan.EmaImages, (step + 1) * (double)plan.BatchSize * plan.EmaRampUp);
        return Math.Pow(0.5, plan.BatchSize / Math.Max(halfLife, 1e-8));
    }

    /// <summary>Takes one step of the average.</summary>
    /// <param name="average">The network that holds the average.</param>
    /// <param name="network">One of the same parameters and buffers.</param>
    /// <param name="decay">β, in [0, 1].</param>
    public static void Update(nn.Module average, nn.Module network, double decay)
    {
        ArgumentNullException.ThrowIfNull(average);
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var pairs = average.StateDict().Zip(network.StateDict(), (to, from) => (To: to.Value, From: from.Value)).ToLookup(pair => is_floating_point(pair.To.dtype));
        Tensor[] to = [.. pairs[true].Select(pair => pair.To)], from = [.. pairs[true].Select(pair => pair.From)];
        ForeachLerp.Run(to, from, decay);
        foreach (var (counter, value) in pairs[false])
            counter.copy_(value);
    }

    /// <summary>Makes one network's weights and buffers those of another.</summary>
    public static void Copy(nn.Module target, nn.Module source)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(source);
        target.LoadStateDict(source.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal));
    }
}
