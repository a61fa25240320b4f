using System.Text.Json.Nodes;
using Sio.Data;

namespace Sio.Training;

/// <summary>What a training tells on disk while it runs: <c>log.jsonl</c>, and events for TensorBoard where they are wanted.</summary>
internal sealed class TrainingReport : IDisposable
{
    private readonly TrainingLog _log;
    private readonly TensorBoardLog? _events;

    /// <summary>Opens the files, and drops what they have beyond a state.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="state">Where training stands.</param>
    /// <param name="tensorBoard">Whether there are events.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal TrainingReport(string folder, TrainingState state, bool tensorBoard)
    {
        _log = new TrainingLog(Path.Combine(folder, "log.jsonl"), state.LogBytes);
        try
        {
            _events = tensorBoard ? new TensorBoardLog(folder, state.EventBytes) : null;
        }
        catch
        {
            _log.Dispose();
            throw;
        }
    }

    /// <summary>The state with the files' lengths, for a checkpoint; so much of them is on the disk then.</summary>
    internal TrainingState Mark(TrainingState state)
    {
        _log.Sync();
        _events?.Sync();
        return state with { LogBytes = _log.Length, EventBytes = _events?.Length ?? 0 };
    }

    /// <summary>Tells how training begins.</summary>
    internal void Start<T>(T entry) => _log.Write(entry);

    /// <summary>Tells of a step.</summary>
    internal void Step(TrainingState state, int epoch, double loss, StepDetails details, double learningRate, double imagesPerSecond)
    {
        var line = new JsonObject { ["event"] = "step", ["step"] = state.Step, ["epoch"] = epoch, ["loss"] = loss };
        var parts = details.Parts.Where(part => double.IsFinite(part.Value)).ToArray();
        if (parts.Length > 0)
            line["parts"] = new JsonObject(parts.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)part.Value)));
        line["learning_rate"] = learningRate;
        if (details.GradientNorm is { } norm)
            line["gradient_norm"] = norm;
        if (state.LossScale is { } scale)
            (line["loss_scale"], line["skipped_steps"]) = (scale.Scale, scale.Skipped);

        // What a clock gives comes last.
        (line["seconds"], line["images_per_second"]) = (state.Seconds, imagesPerSecond);
        _log.Write(line);
        _events?.Write(
            state.Step,
            [
                ("train/loss", loss), .. parts.Select(part => ($"train/loss_{part.Name}", part.Value)), ("train/learning_rate", learningRate),
                .. details.GradientNorm is { } length ? [("train/gradient_norm", length)] : Array.Empty<(string, double)>(),
                .. state.LossScale is { } now ? [("train/loss_scale", now.Scale), ("train/skipped_steps", now.Skipped)] : Array.Empty<(string, double)>(),
                ("train/images_per_second", imagesPerSecond),
            ]);
    }

    /// <summary>Tells of a step that stopped the training, with all images of its batch.</summary>
    internal void Failure(string message, Batch batch) =>
        _log.Write(new { @event = "failure", step = batch.Step, epoch = batch.Epoch + 1, message, real = batch.Real, synthetic = batch.Synthetic });

    /// <summary>Tells of an epoch that has ended.</summary>
    internal void Epoch(TrainingState state, double learningRate, double? validationAccuracy)
    {
        var (loss, accuracy) = (state.LossSum / state.Seen, 100.0 * state.Correct / state.Seen);
        var line = new JsonObject
        {
            ["event"] = "epoch", ["step"] = state.Step, ["loss"] = loss, ["accuracy"] = accuracy, ["images"] = state.Seen, ["learning_rate"] = learningRate,
        };
        if (validationAccuracy is { } validated)
            (line["validation_accuracy"], line["best_epoch"]) = (validated, state.BestEpoch);
        if (state.LossScale is { Skipped: > 0 } scale)
            line["skipped_steps"] = scale.Skipped;
        line["seconds"] = state.Seconds;
        _log.Write(line);
        _events?.Write(
            state.Step,
            [
                ("epoch/loss", loss), ("epoch/accuracy", accuracy),
                .. validationAccuracy is { } value ? [("validation/accuracy", value)] : Array.Empty<(string, double)>(),
            ]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Dispose();
        _events?.Dispose();
    }
}
