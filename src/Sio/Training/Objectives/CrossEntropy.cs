namespace Sio.Training.Objectives;

/// <summary>Cross-entropy of the softmax, with the recipe's label smoothing: the baseline of every table.</summary>
[CatalogEntry("cross_entropy", "cross-entropy of the softmax: the baseline")]
[DefaultsFrom("nothing to choose")]
public sealed class CrossEntropy : Objective
{
    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }
}
