using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// Walks from noise to images along dx/dσ = (x − D(x; σ)) / σ by Heun's method, which is of second order (Karras et al. 2022, algorithm 1), and adds fresh noise before a step where it is told
/// to (algorithm 2). The last step, to σ = 0, is Euler's.
/// </summary>
/// <param name="settings">Time steps and churn.</param>
internal sealed class HeunSampler(DiffusionSampling settings)
{
    private readonly double[] _times = NoiseLevels.TimeSteps(settings);

    /// <summary>γ of step i: min(S_churn / N, √2 − 1) for noise levels from S_tmin to S_tmax, else 0.</summary>
    internal double Churn(int step) => _times[step] >= settings.ChurnMin && _times[step] <= settings.ChurnMax
        ? Math.Min(settings.Churn / settings.Steps, Math.Sqrt(2) - 1)
        : 0;

    /// <summary>Draws samples.</summary>
    /// <param name="denoise">D(x; σ), of x's shape and type.</param>
    /// <param name="noise">Standard normal numbers of the samples' shape; its type is what is computed in.</param>
    /// <param name="fresh">Standard normal numbers for a step, of the same shape; called only for steps with fresh noise.</param>
    /// <returns>Samples of the noise's shape and type.</returns>
    internal Tensor Run(Func<Tensor, double, Tensor> denoise, Tensor noise, Func<int, Tensor> fresh)
    {
        var x = noise * _times[0];
        for (var i = 0; i < settings.Steps; i++)
        {
            var before = x;
            x = Step(denoise, before, i, fresh);
            before.Dispose();
        }

        return x;
    }

    private Tensor Step(Func<Tensor, double, Tensor> denoise, Tensor x, int step, Func<int, Tensor> fresh)
    {
        using var scope = NewDisposeScope();
        var (from, to) = (_times[step], _times[step + 1]);
        var gamma = Churn(step);
        if (gamma > 0)
        {
            var raised = from + (gamma * from);
            x = x.add(fresh(step).to(x.dtype), settings.ChurnNoise * Math.Sqrt((raised * raised) - (from * from)));
            from = raised;
        }

        var slope = Slope(x, from);
        var next = x.add(slope, to - from);
        if (to > 0)
            next = x.add(slope.add_(Slope(next, to)), (to - from) / 2);
        return scope.MoveToOuter(next);

        Tensor Slope(Tensor at, double sigma) => (at - denoise(at, sigma)).div_(sigma);
    }
}
