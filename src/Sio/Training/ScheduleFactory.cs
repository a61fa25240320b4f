using Sio.Optim;

namespace Sio.Training;

/// <summary>Makes the schedule that a plan asks for.</summary>
internal static class ScheduleFactory
{
    /// <summary>The learning rate of each step.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stepsPerEpoch">Steps per epoch.</param>
    /// <exception cref="ArgumentException">The plan's numbers make no schedule.</exception>
    internal static LearningRateSchedule Create(TrainingPlan plan, int stepsPerEpoch)
    {
        var total = (long)plan.Epochs * stepsPerEpoch;
        LearningRateSchedule schedule = plan.Schedule switch
        {
            ScheduleKind.Step => new MultiStepSchedule(plan.LearningRate, [.. plan.Milestones.Select(epoch => (long)epoch * stepsPerEpoch)], plan.Gamma),
            ScheduleKind.OneCycle => new OneCycleSchedule(plan.LearningRate, total, plan.CycleRise, plan.CycleInitialDivisor, plan.CycleFinalDivisor, plan.CycleShape),
            ScheduleKind.Constant => new ConstantSchedule(plan.LearningRate),
            _ => new CosineSchedule(plan.LearningRate, total, plan.FinalLearningRate),
        };
        var warmUp = (long)Math.Round(plan.WarmUpEpochs * stepsPerEpoch);
        return warmUp > 0 ? new WarmUpSchedule(schedule, warmUp) : schedule;
    }
}
