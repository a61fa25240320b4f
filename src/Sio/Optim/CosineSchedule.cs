namespace Sio.Optim;

/// <summary>
/// Cosine annealing per optimiser step (Loshchilov &amp; Hutter 2017, eq. 5): lr(s) = lr·(m + (1 − m)·½(1 + cos(π·s/total))),
/// m = final/lr. The first step uses lr; the final value belongs to step <c>total</c>, which is never taken.
/// </summary>
/// <param name="learningRate">lr, above 0.</param>
/// <param name="totalSteps">Steps of the whole training, at least 1.</param>
/// <param name="finalLearningRate">Where the curve ends; 1e-6 in OpenOOD and SIO.</param>
public sealed class CosineSchedule(double learningRate, long totalSteps, double finalLearningRate = 1e-6) : LearningRateSchedule
{
    private readonly double _floor = finalLearningRate / AboveZero(learningRate, nameof(learningRate));
    private readonly long _total = AtLeastOne(totalSteps, nameof(totalSteps));

    /// <inheritdoc/>
    protected override double At(long step)
    {
        var progress = Math.PI * Math.Min(step, _total) / _total;
        return learningRate * (_floor + ((1 - _floor) * 0.5 * (1 + Math.Cos(progress))));
    }
}
