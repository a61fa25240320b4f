namespace Sio.Optim;

/// <summary>Says which learning rate each optimiser step has: a function of the step alone, so that nothing of it has to be saved.</summary>
public abstract class LearningRateSchedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">From 0; steps beyond the end keep the last value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double LearningRate(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return At(step);
    }

    /// <summary>The learning rate of a step, which is 0 or more.</summary>
    protected abstract double At(long step);

    /// <summary>Refuses a first or highest learning rate that is none.</summary>
    private protected static double AboveZero(double learningRate, string name) => learningRate > 0 && double.IsFinite(learningRate)
        ? learningRate
        : throw new ArgumentOutOfRangeException(name, learningRate, "a schedule starts above 0");

    /// <summary>Refuses a training without steps.</summary>
    private protected static long AtLeastOne(long totalSteps, string name) => totalSteps >= 1
        ? totalSteps
        : throw new ArgumentOutOfRangeException(name, totalSteps, "a schedule has at least one step");
}
