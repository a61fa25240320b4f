namespace Sio.Optim;

/// <summary>How a learning rate goes from one value to another.</summary>
public enum CycleShape
{
    /// <summary>Along half a cosine wave.</summary>
    Cosine,

    /// <summary>In a straight line.</summary>
    Linear,
}

/// <summary>
/// One cycle (Smith &amp; Topin 2018, "Super-convergence"), in the two phases of PyTorch's <c>OneCycleLR</c>: from peak/initial up to the peak, which is reached in step rise·total − 1, and down to
/// peak/(initial·final) in the last step. The momentum stays as it is (<c>cycle_momentum=False</c>). With straight lines it is the triangle that fast CIFAR-10 recipes use.
/// </summary>
public sealed class OneCycleSchedule : LearningRateSchedule
{
    private readonly double _start;
    private readonly double _peak;
    private readonly double _end;
    private readonly double _peakStep;
    private readonly long _last;
    private readonly CycleShape _shape;

    /// <summary>Makes the schedule.</summary>
    /// <param name="peak">The highest learning rate, above 0.</param>
    /// <param name="totalSteps">Steps of the whole training, at least 1.</param>
    /// <param name="rise">Share of the steps in which the rate rises, 0 to 1.</param>
    /// <param name="initialDivisor">Peak over first rate, above 0.</param>
    /// <param name="finalDivisor">First rate over last rate, above 0.</param>
    /// <param name="shape">How it goes up and down.</param>
    public OneCycleSchedule(double peak, long totalSteps, double rise = 0.3, double initialDivisor = 25, double finalDivisor = 1e4, CycleShape shape = CycleShape.Cosine)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rise);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rise, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialDivisor);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(finalDivisor);
        _peak = AboveZero(peak, nameof(peak));
        _start = peak / initialDivisor;
        _end = _start / finalDivisor;
        _last = AtLeastOne(totalSteps, nameof(totalSteps)) - 1;
        _peakStep = (rise * totalSteps) - 1;
        _shape = shape;
    }

    /// <inheritdoc/>
    protected override double At(long step)
    {
        var at = Math.Min(step, _last);
        return at <= _peakStep ? Between(_start, _peak, at, _peakStep) : Between(_peak, _end, at - _peakStep, _last - _peakStep);
    }

    private double Between(double from, double to, double at, double length)
    {
        // A phase of a single step has only its end.
        var share = length > 0 ? at / length : 1;
        return _shape == CycleShape.Linear ? from + ((to - from) * share) : to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
    }
}
