using System.Globalization;
using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Optim;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>What a step did.</summary>
/// <param name="Loss">The loss, before the update.</param>
/// <param name="Correct">How many of the batch's images were classified correctly, likewise.</param>
/// <param name="Details">More, where it was asked for.</param>
internal readonly record struct StepOutcome(double Loss, long Correct, StepDetails? Details);

/// <summary>What the log tells of a step.</summary>
/// <param name="Parts">Parts of the loss.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping; null where the step was skipped.</param>
internal sealed record StepDetails(IReadOnlyList<(string Name, double Value)> Parts, double? GradientNorm);

/// <summary>Takes one optimiser step after the other: forward, the objective's loss, backward, update.</summary>
/// <param name="plan">How to train.</param>
/// <param name="parts">The network, with the plan's objective as its extension, and its optimiser.</param>
/// <param name="device">Where they are.</param>
/// <param name="totalSteps">Steps of the whole training.</param>
/// <param name="weights">What images count.</param>
internal sealed class TrainingStep(TrainingPlan plan, TrainingParts parts, Device device, long totalSteps, SourceWeights weights) : IDisposable
{
    private readonly Classifier _model = parts.Model;
    private readonly Optimizer _optimizer = parts.Optimizer;
    private readonly Objective _objective = Objective.Of(parts.Model)!;
    private readonly Generator _random = new(0, CPU);

    /// <summary>What the network is computed in: the plan's choice. Another one is for trying the scaling where there is no float16.</summary>
    internal TrainingPrecision Computes { get; init; } = plan.Precision;

    /// <summary>The loss scaling of float16; null for none.</summary>
    internal LossScaler? Scaler { get; } = plan.Precision == TrainingPrecision.Float16 ? new LossScaler() : null;

    /// <summary>Takes a step.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="detailed">Whether the outcome has its details, which cost a little.</param>
    /// <exception cref="TrainingFailedException">The loss or a gradient is NaN or infinite; no weight has been changed then (what the forward pass collects, such as batch norm's statistics, has).</exception>
    internal StepOutcome Take(LoadedBatch batch, bool detailed = false)
    {
        using var scope = NewDisposeScope();
        var step = Prepare(batch);
        _optimizer.ZeroGrad();
        var loss = _objective.Loss(step);
        var value = loss.Value.ToNumber();
        if (!double.IsFinite(value))
            throw Failed($"the loss is {value.ToString(CultureInfo.InvariantCulture)}", batch.Batch);
        (Scaler is null ? loss.Value : loss.Value * Scaler.State.Scale).backward();
        var norm = PrepareGradients(batch.Batch, detailed);
        var skipped = norm is { } known && !double.IsFinite(known);
        if (!skipped)
            _optimizer.Step();
        var predictions = loss.Logits.detach().narrow(0, 0, step.Count).argmax(1);
        var correct = (long)predictions.eq(step.Labels).sum().ToNumber();
        return new StepOutcome(value, correct, detailed ? new StepDetails([.. loss.Parts.Select(part => (part.Name, part.Value.ToDouble()))], skipped ? null : norm) : null);
    }

    /// <inheritdoc/>
    public void Dispose() => _random.Dispose();

    // Unscales and clips. Gives the norm where it is known; it is not finite only where scaling says that the step is to be skipped.
    private double? PrepareGradients(Batch batch, bool detailed)
    {
        if (Scaler is not null)
            Gradients.Scale(_optimizer, 1 / Scaler.State.Scale);
        if (Scaler is null && plan.ClipNorm is null && !detailed)
            return null;
        var norm = plan.ClipNorm is { } limit ? Gradients.Clip(_optimizer, limit) : Gradients.Norm(_optimizer);
        var finite = double.IsFinite(norm);
        Scaler?.Update(finite);
        return finite || Scaler is { State.Scale: >= LossScaler.Smallest }
            ? norm
            : throw Failed($"the loss is finite, but the norm of its gradient is {norm.ToString(CultureInfo.InvariantCulture)},", batch);
    }

    private ObjectiveStep Prepare(LoadedBatch batch)
    {
        var number = batch.Batch.Step;
        _random.manual_seed((long)(RandomStream.Key(plan.Seed, "objective", number)));
        return new ObjectiveStep
        {
            Network = _model,
            Images = Place(batch.Images),
            Labels = batch.Labels.to(device),
            RealCount = batch.Batch.Real.Length,
            Views = [.. batch.Views.Select(Place)],
            Auxiliary = batch.Auxiliary is { } auxiliary ? Place(auxiliary) : null,
            Step = number,
            TotalSteps = totalSteps,
            Epoch = batch.Batch.Epoch,
            Epochs = plan.Epochs,
            Random = _random,
            Draws = RandomStream.For(plan.Seed, "objective/draws", number),
            LabelSmoothing = plan.LabelSmoothing,
            SyntheticLabelSmoothing = plan.SyntheticLabelSmoothing,
            SeparateBatchNorm = plan.SeparateBatchNorm,
            Weights = weights.For(batch.Batch) is { } counts ? torch.tensor(counts, [counts.Length]).to(device) : null,
            Precision = Computes.SmallType(),
        };
    }

    private Tensor Place(Tensor images)
    {
        var moved = images.to(device);
        return plan.MemoryFormat == ImageLayout.Contiguous ? moved : TensorMemory.Contiguous(moved, plan.MemoryFormat.Format());
    }

    private TrainingFailedException Failed(string what, Batch batch) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{what} at step {batch.Step} (epoch {batch.Epoch + 1}, learning rate {_optimizer.LearningRate:G4}, real images {First(batch.Real)}, synthetic images {First(batch.Synthetic)}): the last checkpoint is kept; a lower learning rate may help"));

    private static string First(int[] indices)
    {
        const int shown = 5;
        return indices.Length == 0 ? "none" : string.Join(",", indices.Take(shown)) + (indices.Length > shown ? ",…" : string.Empty);
    }
}
