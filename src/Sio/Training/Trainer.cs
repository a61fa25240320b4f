using System.Diagnostics;
using System.Globalization;
using Sio.Data;
using Sio.Data.Images;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>
/// Trains a classifier on real and synthetic images. Everything random is a function of the seed and the step, or is in the checkpoint, so a
/// run that was killed at any moment ends with the very bits of one that was not, on a CPU at the same thread count. On a GPU kernels may add in another order each time.
/// </summary>
public sealed class Trainer
{
    private readonly TrainingPlan _plan;
    private readonly ImageSet _real;
    private readonly ImageSet? _synthetic;
    private readonly string _network;
    private readonly SyntheticWeights? _weights;
    private readonly SourceWeights _counts;
    private readonly ImageSet? _auxiliary;
    private readonly int _auxiliaryPerBatch;
    private readonly ImageTransform?[] _views;
    private readonly TwoSourceSampler _sampler;
    private readonly long _totalSteps;

    /// <summary>Checks that plan and images go together.</summary>
    /// <param name="plan">How to train.</param>
    /// <param name="network">Catalog name of the network.</param>
    /// <param name="real">Real images with labels from 0.</param>
    /// <param name="synthetic">Synthetic images of the same size and classes; may be null at real ratio 1.</param>
    /// <param name="auxiliary">Auxiliary (outlier) images of the same size, for an objective that needs some; else null.</param>
    /// <param name="weights">How much each synthetic image counts; null for all alike.</param>
    /// <exception cref="DataException">Images and plan do not go together.</exception>
    /// <exception cref="Sio.Recipes.RecipeException">A setting of the objective is wrong.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The plan has no epoch.</exception>
    /// <exception cref="UnknownNameException">There is no such network.</exception>
    public Trainer(TrainingPlan plan, string network, ImageSet real, ImageSet? synthetic, ImageSet? auxiliary = null, SyntheticWeights? weights = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(real);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Epochs, 1, nameof(plan));
        TrainerChecks.CheckImages(plan, real, synthetic);
        if (weights is not null && weights.Values.Length != (synthetic?.Count ?? 0))
            throw new DataException(ImageSet.Text($"{weights.Values.Length} weights of synthetic images were given for {synthetic?.Count ?? 0} images"));
        // Made once and thrown away, so that a network that takes no such images is refused before the run's folder is touched.
        using (var probe = ClassifierFactory.Create(plan, network, real, generator: null))
            CheckNetwork(plan, network, probe);
        _plan = plan;
        Computes = plan.Precision;
        _network = network;
        _real = real;
        _synthetic = synthetic;
        _weights = weights;
        _counts = new SourceWeights(plan.SyntheticLossWeight, weights?.Values);
        (_views, _auxiliaryPerBatch) = TrainerChecks.ForObjective(plan.Objective, real, auxiliary);
        _auxiliary = _auxiliaryPerBatch > 0 ? auxiliary : null;
        try
        {
            _sampler = new TwoSourceSampler(real.Count, synthetic?.Count ?? 0, plan.BatchSize, plan.RealRatio, plan.Seed, plan.Order, Schedule(plan));
        }
        catch (ArgumentException error)
        {
            throw new DataException($"cannot sample batches: {error.Message}", error);
        }

        if (_sampler.DrawsSynthetic && synthetic is null or { Count: 0 })
            throw new DataException(string.Create(CultureInfo.InvariantCulture, $"a real ratio of {Math.Min(plan.RealRatio, plan.FinalRealRatio ?? 1)} needs synthetic images, and there are none"));
        _totalSteps = (long)plan.Epochs * _sampler.BatchesPerEpoch;
        TrainerChecks.RefuseEmptyBatches(_sampler, plan);
        TrainerChecks.RefuseStatisticsOfNone(_sampler, plan);
        TrainerChecks.CheckPlan(plan, _sampler.BatchesPerEpoch);
        var ofLabels = TrainerChecks.CheckLabels(plan.Objective, real, RemainingBatches(0).Select(Labels), _totalSteps);
        Notices = [.. new[] { ofLabels, TrainerChecks.ShortOfSynthetic(_sampler, plan), TrainerChecks.LateLookahead(plan, _sampler.BatchesPerEpoch) }.OfType<string>()];
    }

    /// <summary>Batches per epoch.</summary>
    public int BatchesPerEpoch => _sampler.BatchesPerEpoch;

    /// <summary>What sampler and training method have to say of these images, each on one line.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>The sampler, for those who want to know what a batch holds.</summary>
    public TwoSourceSampler Sampler => _sampler;

    /// <summary>Test sets that share images with those trained on, for the log.</summary>
    public IReadOnlyList<ImageOverlap> Overlaps { get; init; } = [];

    /// <summary>Called after every step, on the training thread.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Where tensors live.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Steps between checkpoints; the end of an epoch always has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to less than 1.</exception>
    public int CheckpointEverySteps
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 200;

    /// <summary>ID images that are not trained on, with labels from 0, to measure accuracy with between epochs; null for no validation.</summary>
    public ImageSet? ValidationImages { get; init; }

    /// <summary>Epochs between validations; the last epoch always has one. 0 for none.</summary>
    public int ValidateEveryEpochs { get; init; } = 1;

    /// <summary>Steps between lines of the log; 0 for lines per epoch alone.</summary>
    public int LogEverySteps { get; init; } = 50;

    /// <summary>Whether events for TensorBoard are written beside the log.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>What the network is computed in: the plan's choice. Another one is for trying float16's loss scaling where there is no float16.</summary>
    internal TrainingPrecision Computes { get; init; }

    /// <summary>Trains from the start, or from the folder's checkpoint if asked to.</summary>
    /// <param name="folder">The run's folder, which exists: the log and the checkpoint go there.</param>
    /// <param name="resume">Go on from the last checkpoint, if there is one; otherwise an old one is deleted.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>The trained classifier (the average, where the plan has one), in evaluation mode, and the seconds that training took, interruptions left out.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the checkpoint is written.</exception>
    /// <exception cref="TrainingFailedException">The loss, a gradient or a weight is NaN or infinite; the last checkpoint stays as it was.</exception>
    /// <exception cref="DataException">
    /// The checkpoint is damaged or another run's, the device does not compute in the plan's precision, or an image that is read from a file is missing or damaged; the last checkpoint stays then.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public (Classifier Model, double Seconds) Run(string folder, bool resume, CancellationToken cancellation = default)
    {
        TrainerChecks.CheckPrecision(Computes, Device);
        var validated = ValidateEveryEpochs > 0 && ValidationImages is { Count: > 0 } ? ValidationImages : null;
        if (validated is not null)
            TrainerChecks.CheckValidation(validated, _real);
        var settings = Settings(validated);
        var checkpoint = new Checkpoint(Path.Combine(folder, "checkpoint"));
        using var parts = TrainingParts.Create(_plan, _network, _real, Device, _totalSteps);
        if (!resume)
            checkpoint.Delete();
        var state = (resume ? checkpoint.Load(parts) : null) ?? new TrainingState(_network, _plan.Seed, TorchRuntime.Threads, 0, _totalSteps, 0, 0, 0, 0, 0, settings);
        TrainerChecks.CheckSameRun(state, _plan.Seed, _totalSteps, settings, checkpoint.LastPath);
        using var report = new TrainingReport(folder, state, TensorBoard);
        state = Steps(parts, state, report, checkpoint, validated is null ? null : new Validation(validated, _plan.Normalization, Device), cancellation);
        checkpoint.SaveModel(parts.Result);
        return (parts.Release(), state.Seconds);
    }

    private TrainingState Steps(
        TrainingParts parts, TrainingState state, TrainingReport report, Checkpoint checkpoint, Validation? validation, CancellationToken cancellation)
    {
        var schedule = ScheduleFactory.Create(_plan, BatchesPerEpoch);
        using var loader = Load(state.Step);
        using var step = new TrainingStep(_plan, parts, Device, _totalSteps, _counts) { Computes = Computes };
        if (step.Scaler is { } scaler && state.LossScale is { } scale)
            scaler.State = scale;
        var clock = Stopwatch.StartNew();
        var (before, firstStep, images) = (state.Seconds, state.Step, 0L);
        if (state.Step == 0)
        {
            LogStart(report);
            state = report.Mark(state);
        }

        parts.Model.train();
        parts.Model.Extension!.train();
        foreach (var batch in loader.Batches())
        {
            StepOutcome outcome;
            using (batch)
            {
                parts.Optimizer.LearningRate = schedule.LearningRate(state.Step);
                outcome = Take(step, batch, state, report);
                state = Counted(state, outcome, batch.Batch.Count) with { LossScale = step.Scaler?.State, Seconds = before + clock.Elapsed.TotalSeconds };
                images += batch.Batch.Count;
            }

            parts.Lookahead?.AfterStep(state.Step);
            if (_plan.EmaDecay is { } decay)
                parts.Average!.Update(decay, state.Step);
            var speed = images / clock.Elapsed.TotalSeconds;
            if (outcome.Details is { } details)
                report.Step(state, (int)((state.Step - 1) / BatchesPerEpoch) + 1, outcome.Loss, details, parts.Optimizer.LearningRate, speed);
            var ended = state.Step % BatchesPerEpoch == 0;
            double? accuracy = null;
            if (ended && validation is not null)
                (state, accuracy) = Validated(parts, state, validation, checkpoint);
            Report(state, ended, speed, clock.Elapsed / (state.Step - firstStep) * (_totalSteps - state.Step), accuracy);
            if (ended)
            {
                // The validation's time counts, too.
                state = state with { Seconds = before + clock.Elapsed.TotalSeconds };
                report.Epoch(state, parts.Optimizer.LearningRate, accuracy);
                state = state with { LossSum = 0, Correct = 0, Seen = 0 };
            }

            // Asked once: whoever is told that training has stopped finds the checkpoint.
            var stopped = cancellation.IsCancellationRequested;
            if (ended || state.Step % CheckpointEverySteps == 0 || stopped)
            {
                RefuseBrokenWeights(parts, state.Step);
                checkpoint.Save(parts, report.Mark(state));
            }

            if (stopped)
                throw new OperationCanceledException(cancellation);
        }

        return state;
    }

    // The message has the first of the batch's images, the log has all of them.
    private StepOutcome Take(TrainingStep step, LoadedBatch batch, TrainingState state, TrainingReport report)
    {
        try
        {
            return step.Take(batch, detailed: LogEverySteps > 0 && (state.Step + 1) % LogEverySteps == 0);
        }
        catch (TrainingFailedException error)
        {
            report.Failure(error.Message, batch.Batch);
            throw;
        }
    }

    private BatchLoader Load(long step)
    {
        var augmentation = new BatchAugmentation(_plan.Normalization.Mean, _plan.Normalization.Std, _plan.Padding, _plan.Flip, _plan.Seed)
        {
            AlternatingFlip = _plan.AlternatingFlip,
            RandomResizedCrop = _plan.RandomResizedCrop ? new RandomResizedCrop { MinArea = _plan.CropMinArea } : null,
        };
        var extras = new BatchExtras { Views = _views, Auxiliary = _auxiliary is null ? null : new AuxiliaryImages(_auxiliary, _auxiliaryPerBatch, augmentation) };
        return new BatchLoader(_real, _synthetic, augmentation, RemainingBatches(step), extras: extras);
    }

    private static TrainingState Counted(TrainingState state, StepOutcome outcome, int count) => state with
    {
        Step = state.Step + 1,
        LossSum = state.LossSum + (outcome.Loss * count),
        Correct = state.Correct + outcome.Correct,
        Seen = state.Seen + count,
    };

    // The best weights are written before the checkpoint that knows of them: a run killed in between does this epoch's end again, with the same outcome.
    private (TrainingState State, double? Accuracy) Validated(TrainingParts parts, TrainingState state, Validation validation, Checkpoint checkpoint)
    {
        var epoch = (int)(state.Step / BatchesPerEpoch);
        if (epoch % ValidateEveryEpochs != 0 && epoch != _plan.Epochs)
            return (state, null);
        RefuseBrokenWeights(parts, state.Step);
        var accuracy = validation.Accuracy(parts.Result);
        if (accuracy <= state.BestAccuracy)
            return (state, accuracy);
        checkpoint.SaveBest(parts.Result);
        return (state with { BestAccuracy = accuracy, BestEpoch = epoch }, accuracy);
    }

    // A checkpoint of such weights could never be gone on from.
    private static void RefuseBrokenWeights(TrainingParts parts, long step)
    {
        foreach (var model in new[] { parts.Model, parts.Result }.Distinct())
        {
            if (ResumeChecks.BrokenWeight([.. model.StateDict(), .. model.Extension!.StateDict()]) is { } name)
                throw new TrainingFailedException($"{name} has values that are NaN or infinite after step {step}: the last checkpoint is kept; a lower learning rate may help");
        }
    }

    private IEnumerable<Batch> RemainingBatches(long step)
    {
        var perEpoch = _sampler.BatchesPerEpoch;
        for (; step < _totalSteps; step++)
            yield return _sampler.GetBatch((int)(step / perEpoch), (int)(step % perEpoch));
    }

    // Of the images that count.
    private long[] Labels(Batch batch)
    {
        var labels = new long[batch.Count];
        batch.CopyLabels(_real, _synthetic, labels);
        return _counts.For(batch) is { } counts ? [.. labels.Where((_, place) => counts[place] > 0)] : labels;
    }

    private void Report(TrainingState state, bool ended, double speed, TimeSpan remaining, double? accuracy) => Progress?.Invoke(new TrainingProgress(
        (int)((state.Step - 1) / _sampler.BatchesPerEpoch) + 1, _plan.Epochs, state.Step, _totalSteps, state.LossSum / state.Seen,
        100.0 * state.Correct / state.Seen, speed, remaining, ended, accuracy));

    private void LogStart(TrainingReport report) => report.Start(new
    {
        @event = "start",
        network = _network,
        objective = _plan.Objective.Name,
        real_images = _real.Count,
        real_hash = _real.ContentHash,
        synthetic_images = _synthetic?.Count ?? 0,
        synthetic_hash = _synthetic?.ContentHash,
        auxiliary_images = _auxiliary?.Count ?? 0,
        auxiliary_hash = _auxiliary?.ContentHash,
        auxiliary_per_batch = _auxiliaryPerBatch,
        real_per_batch = _sampler.RealPerBatch,
        synthetic_per_batch = _sampler.SyntheticPerBatch,
        last_real_per_batch = _sampler.RealPerBatchIn(_plan.Epochs - 1),
        overlaps = Overlaps.Select(overlap => new { images = overlap.Images, test_set = overlap.TestSet, in_common = overlap.Count, of = overlap.TestImages }),
        batches_per_epoch = _sampler.BatchesPerEpoch,
        total_steps = _totalSteps,
        seed = _plan.Seed,
        threads = TorchRuntime.Threads,
        device = Device.ToString(),
        libtorch = TorchRuntime.Version,
    });

    // All that shapes the weights, beside network, seed and threads.
    private Dictionary<string, string> Settings(ImageSet? validated)
    {
        var settings = TrainerChecks.Settings(_plan, _real, _sampler.DrawsSynthetic ? _synthetic : null, _auxiliary, validated);
        foreach (var (view, transform) in _views.Index().Where(entry => entry.Item?.ContentHash is not null))
            settings[$"images mixed into view {view}"] = transform!.ContentHash!;
        settings["synthetic weights"] = _sampler.DrawsSynthetic ? _weights?.ContentHash ?? "none" : "none";
        settings["initial weights"] = _plan.Init is { } start ? InitialWeights.Hash(start) : "none";
        return settings;
    }

    private static RatioSchedule? Schedule(TrainingPlan plan) =>
        plan.FinalRealRatio is { } last ? new RatioSchedule(plan.RealRatio, last, plan.RatioShape, plan.Epochs) : null;

    private static void CheckNetwork(TrainingPlan plan, string name, Classifier network)
    {
        if (plan.SeparateBatchNorm && !SourceBatchNorm.AppliesTo(network))
            throw new DataException($"synthetic.separate_batch_norm: the network {name} has no batch norm to keep apart");
        if (plan.Init is { } start)
            InitialWeights.Load(network, start);
    }
}
