namespace Sio.Optim;

/// <summary>The learning rate times γ at each milestone, as PyTorch's <c>MultiStepLR</c> has it: lr(s) = lr·γ^k, k the number of milestones m ≤ s.</summary>
public sealed class MultiStepSchedule : LearningRateSchedule
{
    private readonly double _rate;
    private readonly double _gamma;
    private readonly long[] _milestones;

    /// <summary>Makes the schedule.</summary>
    /// <param name="learningRate">lr, above 0.</param>
    /// <param name="milestones">Steps from which on the rate is another, at least one, each above the one before and above 0.</param>
    /// <param name="gamma">γ, above 0.</param>
    /// <exception cref="ArgumentException">The milestones are in no order.</exception>
    public MultiStepSchedule(double learningRate, IReadOnlyList<long> milestones, double gamma = 0.1)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gamma);
        _rate = AboveZero(learningRate, nameof(learningRate));
        _milestones = [.. milestones];
        _gamma = gamma;
        if (_milestones.Length == 0 || _milestones[0] <= 0 || _milestones.Zip(_milestones.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException($"milestones [{string.Join(", ", _milestones)}]: steps above 0, each above the one before, were expected", nameof(milestones));
    }

    /// <inheritdoc/>
    protected override double At(long step) => _rate * Math.Pow(_gamma, _milestones.Count(milestone => milestone <= step));
}
