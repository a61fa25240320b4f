namespace Sio.Generation;

/// <summary>Where the watch over a generator stands; part of its checkpoint.</summary>
/// <param name="WasGood">Whether a check has found it clearly good.</param>
/// <param name="Failed">Checks in a row that it has failed, up to now.</param>
/// <param name="LastPassed">Step of the last check it has passed, of which the weights are kept; 0 for none.</param>
public sealed record CollapseState(bool WasGood, int Failed, long LastPassed);

/// <summary>
/// Tells a collapsed generator from one that learns, by recall (Kynkäänniemi et al. 2019) and coverage (Naeem et al. 2020) of its samples. With t = <see cref="GenerationPlan.MinRecall"/>:
/// a check finds it clearly good with a recall of at least 10·t and a coverage of at least 5·t. It fails a check in one of three cases. Its recall is below t although it was clearly good before: it
/// has narrowed to few images. Recall is below t and coverage below 5·t: it never made more than a few kinds. Coverage is below t: its samples are like nothing real,
/// whatever recall says, which wild patterns raise. A recall below t alone is no failure, because no generator makes the noise that some images differ in.
/// Two failed checks in a row are a collapse: a single one may be chance.
/// </summary>
/// <remarks>
/// The default t of 0.02 was measured with <c>SampleRecall</c> on one thread. Healthy: Fashion-MNIST after 5, 30 and 100 per cent of the training, recall 0.55 or more and coverage 0.41 or more; CIFAR-10 in the
/// first 900 steps, recall 0.04 to 0.14, up and down, coverage from 0.13 to 0.78. Collapsed, by learning rates 100 times too high, after 240 steps: recall 0 to 0.01, coverage 0 to 0.1; one or two good images per
/// class, again and again: recall 0, coverage 0.01 to 0.08.
/// </remarks>
/// <param name="plan">When to check, and the least recall.</param>
public sealed class CollapseWatch(GenerationPlan plan)
{
    /// <summary>Samples per check, and more where there are many classes.</summary>
    public const int Samples = 512;

    private const int FailuresToStop = 2, GoodRecall = 10, LeastCoverage = 5;

    /// <summary>Before any check.</summary>
    public static CollapseState Start { get; } = new(WasGood: false, Failed: 0, LastPassed: 0);

    /// <summary>Whether to check after a step.</summary>
    /// <param name="step">Steps done.</param>
    public bool IsDue(long step) =>
        plan.CheckEverySteps > 0 && step >= plan.CheckFrom * plan.Steps && (step % plan.CheckEverySteps == 0 || step == plan.Steps);

    /// <summary>How many samples to measure: every class the same number, at least one.</summary>
    /// <param name="classes">At least 1.</param>
    public static int SampleCount(int classes) => Math.Max(1, Samples / classes) * classes;

    /// <summary>Takes a check in.</summary>
    /// <param name="state">Where the watch stood.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="recall">0 to 1.</param>
    /// <param name="coverage">0 to 1.</param>
    public CollapseState Next(CollapseState state, long step, double recall, double coverage)
    {
        ArgumentNullException.ThrowIfNull(state);
        var fails = coverage < plan.MinRecall || (recall < plan.MinRecall && (state.WasGood || coverage < LeastCoverage * plan.MinRecall));
        return fails
            ? state with { Failed = state.Failed + 1 }
            : new CollapseState(state.WasGood || (recall >= GoodRecall * plan.MinRecall && coverage >= LeastCoverage * plan.MinRecall), Failed: 0, LastPassed: step);
    }

    /// <summary>Whether to stop.</summary>
    /// <param name="state">Where the watch stands.</param>
    public static bool HasCollapsed(CollapseState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Failed >= FailuresToStop;
    }
}
