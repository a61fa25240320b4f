namespace Sio.Optim;

/// <summary>
/// Linear warm-up before any schedule: its learning rate times min(1, (s + 1)/w), so that the first step has a w-th of it and step w − 1 all (Goyal et al. 2017, section 2.2; as a factor on the
/// schedule: Ma &amp; Yarats 2021, section 4). The schedule beneath runs from step 0 on and is not moved.
/// </summary>
/// <param name="schedule">The schedule.</param>
/// <param name="steps">w, 0 or more; 0 leaves the schedule as it is.</param>
public sealed class WarmUpSchedule(LearningRateSchedule schedule, long steps) : LearningRateSchedule
{
    private readonly LearningRateSchedule _schedule = schedule ?? throw new ArgumentNullException(nameof(schedule));
    private readonly long _steps = steps >= 0 ? steps : throw new ArgumentOutOfRangeException(nameof(steps), steps, "steps of warm-up are 0 or more");

    /// <inheritdoc/>
    protected override double At(long step) => step >= _steps ? _schedule.LearningRate(step) : _schedule.LearningRate(step) * (step + 1) / _steps;
}
