using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sio.Data;
using Sio.Engine;
using Sio.Nn;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// Trains a generator. Everything random is a function of the seed and the step, so a run that was killed at any moment ends with the very bits of one that was not, at the
/// same thread count.
/// </summary>
public sealed class GeneratorTrainer
{
    private const int SheetImagesPerClass = 12;

    /// <summary>The folder of a run's contact sheets.</summary>
    internal const string SheetFolder = "samples";

    private readonly GeneratorSettings _settings;
    private readonly ImageSet _images;
    private readonly GeneratorShape _shape;
    private readonly long _seed;

    /// <summary>Checks that settings and images go together.</summary>
    /// <param name="settings">How to train.</param>
    /// <param name="images">Real images with labels from 0.</param>
    /// <param name="seed">Seed of initial weights, data order and all noise.</param>
    /// <exception cref="DataException">No generator can be trained on such images.</exception>
    /// <exception cref="ArgumentException">A share of <see cref="GenerationPlan.KeepSnapshots"/> is not between 0 and 1.</exception>
    /// <exception cref="UnknownNameException">There is no such family.</exception>
    public GeneratorTrainer(GeneratorSettings settings, ImageSet images, long seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(images);
        if (settings.Plan.KeepSnapshots.Any(share => !(share > 0 && share < 1)))
            throw new ArgumentException("shares of the training between 0 and 1 were expected in keep_snapshots", nameof(settings));
        (_settings, _images, _seed, _shape) = (settings, images, seed, GeneratorShape.Of(images));
        _ = Catalog<GeneratorModel>.TypeOf(settings.Model);
    }

    /// <summary>Called after every step, on the training thread.</summary>
    public Action<GeneratorProgress>? Progress { get; init; }

    /// <summary>
    /// Recall and coverage of samples, 0 to 1, a function of the samples alone: with it, a family that can collapse is watched as <see cref="GenerationPlan.CheckEverySteps"/> says.
    /// It is handed in, since measures stand above generators.
    /// </summary>
    public Func<ImageSet, (double Recall, double Coverage)>? Measure { get; init; }

    /// <summary>Where tensors live.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Makes the model with its initial weights.</summary>
    public static GeneratorModel NewModel(GeneratorSettings settings, GeneratorShape shape, long seed, Device device)
    {
        ArgumentNullException.ThrowIfNull(settings);
        using var weights = new Generator((ulong)seed, CPU);
        return Catalog<GeneratorModel>.Create(settings.Model, shape, settings, weights, device);
    }

    /// <summary>Trains from the start, or from the folder's checkpoint if asked to.</summary>
    /// <param name="folder">The run's folder, which exists: log, checkpoint and samples go there.</param>
    /// <param name="resume">Go on from the last checkpoint, if there is one; otherwise an old one is deleted.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>The trained model, and the seconds that training took, interruptions left out.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the checkpoint is written.</exception>
    /// <exception cref="TrainingFailedException">A measure or a weight is NaN or infinite, or samples show that the generator has collapsed; the last checkpoint stays as it was.</exception>
    /// <exception cref="DataException">The checkpoint is damaged or another run's.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public (GeneratorModel Model, double Seconds) Run(string folder, bool resume, CancellationToken cancellation = default)
    {
        var checkpoint = new GeneratorCheckpoint(Path.Combine(folder, "checkpoint"));
        var model = NewModel(_settings, _shape, _seed, Device);
        try
        {
            if (!resume)
                checkpoint.Delete();
            // First what the run says of itself: weights of other settings would only be said not to fit.
            if (resume && checkpoint.ReadState() is { } found)
                CheckSameRun(found, checkpoint.LastPath);
            var state = (resume ? checkpoint.Load(model) : null)
                ?? new GeneratorState(_settings.Model, _seed, TorchRuntime.Threads, 0, _settings.Plan.Steps, new double[model.Measures.Count], 0, 0, 0, CollapseWatch.Start, Identity());
            using var log = new TrainingLog(Path.Combine(folder, "log.jsonl"), state.LogBytes);
            state = Steps(model, state, log, checkpoint, folder, cancellation);
            GeneratorCheckpoint.SaveReleased(checkpoint.ModelPath, model, state.Step);
            return (model, state.Seconds);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private GeneratorState Steps(
        GeneratorModel model, GeneratorState state, TrainingLog log, GeneratorCheckpoint checkpoint, string folder, CancellationToken cancellation)
    {
        var plan = _settings.Plan;
        var snapshots = plan.SnapshotSteps.ToHashSet();
        var watch = Measure is not null && model.CanCollapse ? new CollapseWatch(plan) : null;
        using var batches = new RealBatches(_images, plan, _seed, Device);
        using var random = new Generator(0, Device);
        var clock = Stopwatch.StartNew();
        var (before, first) = (state.Seconds, state.Step);
        if (state.Step == 0)
        {
            LogStart(model, log);
            state = state with { LogBytes = log.Length };
        }

        while (state.Step < state.TotalSteps)
        {
            random.manual_seed((long)(RandomStream.Key(_seed, "generator/step", state.Step)));
            var measures = Step(model, batches, state.Step, random);
            state = state with
            {
                Step = state.Step + 1,
                Sums = [.. state.Sums.Zip(measures, (sum, value) => sum + value)],
                Summed = state.Summed + 1,
                Seconds = before + clock.Elapsed.TotalSeconds,
            };
            var ended = state.Step == state.TotalSteps;
            var logged = ended || state.Step % plan.LogEverySteps == 0;
            Progress?.Invoke(new GeneratorProgress(
                state.Step, state.TotalSteps, Means(model, state), (state.Step - first) * plan.BatchSize / clock.Elapsed.TotalSeconds,
                clock.Elapsed / (state.Step - first) * (state.TotalSteps - state.Step), logged));
            if (logged)
                state = Log(model, log, state);
            // Asked once: whoever is told that training has stopped finds the checkpoint.
            var stopped = cancellation.IsCancellationRequested;
            var saved = ended || state.Step % plan.CheckpointEverySteps == 0 || stopped;
            var check = watch?.IsDue(state.Step) == true;
            if (saved || check || snapshots.Contains(state.Step))
                RefuseBrokenWeights(model, state.Step);
            if (check)
                state = Check(model, watch!, log, checkpoint, folder, state);
            if (snapshots.Contains(state.Step))
                GeneratorCheckpoint.SaveReleased(checkpoint.SnapshotPath(state.Step), model, state.Step);
            // Before the checkpoint: what goes on from there does not come by here again.
            if (plan.SheetEverySteps > 0 && (ended || state.Step % plan.SheetEverySteps == 0))
                Sheet(model, folder, state.Step);
            if (saved)
                checkpoint.Save(model, state);
            if (stopped)
                throw new OperationCanceledException(cancellation);
        }

        return state;
    }

    private static double[] Step(GeneratorModel model, RealBatches batches, long step, Generator random)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = batches.Get(step);
        var measures = model.Step(images, labels, step, random).ToArray<float>();
        var bad = Array.FindIndex(measures, value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new TrainingFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"the generator has diverged: {model.Measures[bad]} is {measures[bad]} at step {step + 1}; the last checkpoint and all snapshots are kept; a lower learning rate may help"));
        }

        return Array.ConvertAll(measures, value => (double)value);
    }

    // A checkpoint of such weights could never be gone on from.
    private static void RefuseBrokenWeights(GeneratorModel model, long step)
    {
        if (ResumeChecks.BrokenWeight(model.Networks.SelectMany(part => part.Network.StateDict().Select(entry => ($"{part.Name}.{entry.Name}", entry.Value)))) is { } name)
            throw new TrainingFailedException($"the generator has diverged: {name} has values that are NaN or infinite after step {step}; the last checkpoint and all snapshots are kept; a lower learning rate may help");
    }

    // Keeps the weights of the last check that was passed, and only those, beside the snapshots that were asked for.
    private GeneratorState Check(GeneratorModel model, CollapseWatch watch, TrainingLog log, GeneratorCheckpoint checkpoint, string folder, GeneratorState state)
    {
        var (recall, coverage) = Measure!(new GeneratorSampler(model, _seed, Device).Sample(0, CollapseWatch.SampleCount(_shape.Classes)));
        var (before, now) = (state.Watch, watch.Next(state.Watch, state.Step, recall, coverage));
        var passed = now.Failed == 0;
        log.Write(new { @event = "check", step = state.Step, recall, coverage, passed });
        if (CollapseWatch.HasCollapsed(now))
            throw new TrainingFailedException(Collapsed(folder, state.Step, recall, coverage, now.LastPassed));
        if (passed)
        {
            // The last step's weights are released anyway.
            if (state.Step < state.TotalSteps)
                GeneratorCheckpoint.SaveReleased(checkpoint.SnapshotPath(state.Step), model, state.Step);
            if (before.LastPassed > 0 && before.LastPassed != state.Step && !_settings.Plan.SnapshotSteps.Contains(before.LastPassed))
                File.Delete(checkpoint.SnapshotPath(before.LastPassed));
        }

        return state with { Watch = now, LogBytes = log.Length };
    }

    private string Collapsed(string folder, long step, double recall, double coverage, long lastPassed)
    {
        var kept = lastPassed > 0
            ? $"the weights of step {lastPassed}, the last check that was passed, can be sampled: sio generate sample {folder} --snapshot {lastPassed} --per-class 100 --out SET.npz"
            : "no check was passed before";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"the generator has collapsed: recall of real images is {recall:F3} and coverage {coverage:F3} at step {step}, too low for the second check in a row (training.min_recall is {_settings.Plan.MinRecall}); "
                + $"{kept}; lower learning rates, spectral_norm, r1_gamma above 0 or augment may help");
    }

    private void Sheet(GeneratorModel model, string folder, long step)
    {
        var samples = new GeneratorSampler(model, _seed, Device).Sample(0, _shape.Classes * SheetImagesPerClass);
        var place = Path.Combine(folder, SheetFolder);
        Directory.CreateDirectory(place);
        ContactSheet.Write(Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"step-{step:D6}.png")), ContactSheet.RowPerClass(samples, SheetImagesPerClass));
    }

    private static (string Name, double Mean)[] Means(GeneratorModel model, GeneratorState state) =>
        [.. model.Measures.Zip(state.Sums, (name, sum) => (name, sum / Math.Max(state.Summed, 1)))];

    private static GeneratorState Log(GeneratorModel model, TrainingLog log, GeneratorState state)
    {
        var line = new Dictionary<string, object>(StringComparer.Ordinal) { ["event"] = "steps", ["step"] = state.Step };
        foreach (var (name, mean) in Means(model, state))
            line[name] = mean;
        line["seconds"] = state.Seconds;
        log.Write(line);
        return state with { Sums = new double[state.Sums.Length], Summed = 0, LogBytes = log.Length };
    }

    private void LogStart(GeneratorModel model, TrainingLog log) => log.Write(new
    {
        @event = "start",
        generator = _settings.Model,
        parameters = model.Networks.ToDictionary(part => part.Name, part => part.Network.ParameterCount()),
        images = _images.Count,
        images_hash = _images.ContentHash,
        classes = _shape.Classes,
        total_steps = _settings.Plan.Steps,
        seed = _seed,
        threads = TorchRuntime.Threads,
        device = Device.ToString(),
        libtorch = TorchRuntime.Version,
    });

    // All that shapes the weights, beside family, seed and threads.
    private Dictionary<string, string> Identity()
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal) { ["images"] = _images.ContentHash };
        foreach (var part in JsonSerializer.SerializeToElement(_settings).EnumerateObject().Where(part => part.Value.ValueKind == JsonValueKind.Object))
        {
            foreach (var entry in part.Value.EnumerateObject())
                identity[$"{part.Name}.{entry.Name}"] = entry.Value.GetRawText();
        }

        return identity;
    }

    private void CheckSameRun(GeneratorState state, string path)
    {
        if (state.Seed != _seed || state.TotalSteps != _settings.Plan.Steps)
            throw new DataException($"{path} belongs to a run of {state.TotalSteps} steps with seed {state.Seed}, expected {_settings.Plan.Steps} steps with seed {_seed}");

        ResumeChecks.RefuseOtherRun(path, state.Settings, Identity(), state.Threads);
    }
}
