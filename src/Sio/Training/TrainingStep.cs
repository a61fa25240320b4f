using System.Globalization;
using Sio.Data;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Optim;
using Sio.Training.Objectives;

namespace Sio.Training;

/// <summary>Takes one optimiser step after the other: forward, the objective's loss, backward, update.</summary>
/// <param name="plan">How to train.</param>
/// <param name="model">The network, with the plan's objective as its extension.</param>
/// <param name="optimizer">Changes both.</param>
/// <param name="device">Where they are.</param>
/// <param name="totalSteps">Steps of the whole training.</param>
/// <param name="weights">What images count.</param>
internal sealed class TrainingStep(TrainingPlan plan, Classifier model, Optimizer optimizer, Device device, long totalSteps, SourceWeights weights) : IDisposable
{
    private readonly Objective _objective = (Objective)model.Extension!;
    private readonly Generator _random = new(0, Device.Cpu);

    /// <summary>Takes a step.</summary>
    /// <returns>The loss, and how many of the batch's images were classified correctly before it.</returns>
    /// <exception cref="TrainingFailedException">The loss is NaN or infinite; nothing has been changed then.</exception>
    internal (double Loss, long Correct) Take(LoadedBatch batch)
    {
        using var scope = new TensorScope();
        var step = Prepare(batch);
        optimizer.ZeroGrad();
        var loss = _objective.Loss(step);
        var value = loss.Value.Item().ToDouble();
        if (!double.IsFinite(value))
            throw Failed(value, batch.Batch);
        loss.Value.Backward();
        optimizer.Step();
        var predictions = loss.Logits.Detach().Narrow(0, 0, step.Count).ArgMax(1);
        return (value, (long)predictions.Eq(step.Labels).Sum().Item().ToDouble());
    }

    /// <inheritdoc/>
    public void Dispose() => _random.Dispose();

    private ObjectiveStep Prepare(LoadedBatch batch)
    {
        var number = batch.Batch.Step;
        _random.Seed(RandomStream.Key(plan.Seed, "objective", number));
        return new ObjectiveStep
        {
            Network = model,
            Images = batch.Images.To(device),
            Labels = batch.Labels.To(device),
            RealCount = batch.Batch.Real.Length,
            Views = [.. batch.Views.Select(view => view.To(device))],
            Auxiliary = batch.Auxiliary?.To(device),
            Step = number,
            TotalSteps = totalSteps,
            Epoch = batch.Batch.Epoch,
            Epochs = plan.Epochs,
            Random = _random,
            Draws = RandomStream.For(plan.Seed, "objective/draws", number),
            LabelSmoothing = plan.LabelSmoothing,
            SyntheticLabelSmoothing = plan.SyntheticLabelSmoothing,
            SeparateBatchNorm = plan.SeparateBatchNorm,
            Weights = weights.For(batch.Batch) is { } counts ? Tensor.From(counts, counts.Length).To(device) : null,
        };
    }

    private TrainingFailedException Failed(double loss, Batch batch) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"the loss is {loss} at step {batch.Step} (epoch {batch.Epoch + 1}, learning rate {optimizer.LearningRate:G4}, real images {First(batch.Real)}, synthetic images {First(batch.Synthetic)}): the last checkpoint is kept; a lower learning rate may help"));

    private static string First(int[] indices)
    {
        const int shown = 5;
        return indices.Length == 0 ? "none" : string.Join(",", indices.Take(shown)) + (indices.Length > shown ? ",…" : string.Empty);
    }
}
