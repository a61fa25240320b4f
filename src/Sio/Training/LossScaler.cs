namespace Sio.Training;

/// <summary>
/// Dynamic loss scaling for float16, whose smallest gradients would vanish (Micikevicius et al. 2018, section 3.2): the loss is multiplied by a scale, the gradients divided by it. The scale doubles after
/// 2000 steps without an overflow; an overflow halves it, and its step is skipped. These are the numbers of PyTorch's <c>GradScaler</c>.
/// </summary>
internal sealed class LossScaler
{
    /// <summary>Below this, overflows are no matter of the scale.</summary>
    internal const double Smallest = 1.0 / 65536;

    private const double Initial = 65536;
    private const double Growth = 2;
    private const double Backoff = 0.5;
    private const int Interval = 2000;

    /// <summary>Where it stands.</summary>
    internal LossScale State { get; set; } = new(Initial, 0, 0);

    /// <summary>Takes note of a step.</summary>
    /// <param name="finite">Whether all gradients were finite; the step is counted as skipped otherwise.</param>
    internal void Update(bool finite) => State = (finite, State.GoodSteps + 1 < Interval) switch
    {
        (false, _) => new LossScale(State.Scale * Backoff, 0, State.Skipped + 1),
        (true, true) => State with { GoodSteps = State.GoodSteps + 1 },
        (true, false) => State with { Scale = State.Scale * Growth, GoodSteps = 0 },
    };
}
