namespace Sio.Optim;

/// <summary>The same learning rate in every step.</summary>
/// <param name="learningRate">lr, above 0.</param>
public sealed class ConstantSchedule(double learningRate) : LearningRateSchedule
{
    private readonly double _rate = AboveZero(learningRate, nameof(learningRate));

    /// <inheritdoc/>
    protected override double At(long step) => _rate;
}
