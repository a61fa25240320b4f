using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sio.Data;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Optim;
using Sio.Training.Objectives;

namespace Sio.Training;

/// <summary>
/// Trains a classifier on real and synthetic images. Everything random is a function of the seed and the step, or is in the checkpoint, so a
/// run that was killed at any moment ends with the very bits of one that was not, at the same thread count.
/// </summary>
public sealed class Trainer
{
    private readonly TrainingPlan _plan;
    private readonly ImageSet _real;
    private readonly ImageSet? _synthetic;
    private readonly string _network;
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
    /// <exception cref="DataException">Images and plan do not go together.</exception>
    /// <exception cref="Sio.Recipes.RecipeException">A setting of the objective is wrong.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The plan has no epoch.</exception>
    /// <exception cref="UnknownNameException">There is no such network.</exception>
    public Trainer(TrainingPlan plan, string network, ImageSet real, ImageSet? synthetic, ImageSet? auxiliary = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(real);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Epochs, 1, nameof(plan));
        CheckImages(plan, real, synthetic);
        // Made once and thrown away, so that a network that takes no such images is refused before the run's folder is touched.
        using (var probe = ClassifierFactory.Create(plan, network, real, generator: null))
            CheckNetwork(plan, network, probe);
        _plan = plan;
        _network = network;
        _real = real;
        _synthetic = synthetic;
        (_views, _auxiliaryPerBatch) = ForObjective(plan.Objective, real, auxiliary);
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
        RefuseEmptyBatches();
    }

    /// <summary>Batches per epoch.</summary>
    public int BatchesPerEpoch => _sampler.BatchesPerEpoch;

    /// <summary>The sampler, for those who want to know what a batch holds.</summary>
    public TwoSourceSampler Sampler => _sampler;

    /// <summary>How much each synthetic image counts; null for all alike.</summary>
    public SyntheticWeights? Weights { get; init; }

    /// <summary>Test sets that share images with those trained on, for the log.</summary>
    public IReadOnlyList<ImageOverlap> Overlaps { get; init; } = [];

    /// <summary>Called after every step, on the training thread.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Where tensors live.</summary>
    public Device Device { get; init; } = Device.Cpu;

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

    /// <summary>Trains from the start, or from the folder's checkpoint if asked to.</summary>
    /// <param name="folder">The run's folder, which exists: the log and the checkpoint go there.</param>
    /// <param name="resume">Go on from the last checkpoint, if there is one; otherwise an old one is deleted.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>The trained classifier, in evaluation mode, and the seconds that training took, interruptions left out.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the checkpoint is written.</exception>
    /// <exception cref="TrainingFailedException">The loss or a weight is NaN or infinite; the last checkpoint stays as it was.</exception>
    /// <exception cref="DataException">The checkpoint is damaged or another run's.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public (Classifier Model, double Seconds) Run(string folder, bool resume, CancellationToken cancellation = default)
    {
        if (Weights is { } weights && weights.Values.Length != (_synthetic?.Count ?? 0))
            throw new DataException(ImageSet.Text($"{weights.Values.Length} weights of synthetic images were given for {_synthetic?.Count ?? 0} images"));
        var checkpoint = new Checkpoint(Path.Combine(folder, "checkpoint"));
        using var generator = new Generator((ulong)_plan.Seed, Device.Cpu);
        var model = ClassifierFactory.Create(_plan, _network, _real, generator);
        try
        {
            if (_plan.Init is { } start)
                InitialWeights.Load(model, start);
            model.To(Device);
            model.Extension!.To(Device);
            using var optimizer = new Sgd(ParameterGroups.Of(_plan, model), _plan.LearningRate, _plan.Momentum, _plan.Nesterov);
            if (!resume)
                checkpoint.Delete();
            var state = (resume ? checkpoint.Load(model, optimizer, generator) : null)
                ?? new TrainingState(_network, _plan.Seed, TorchRuntime.Threads, 0, _totalSteps, 0, 0, 0, 0, 0, Settings());
            CheckSameRun(state, checkpoint.LastPath);
            using var log = new TrainingLog(Path.Combine(folder, "log.jsonl"), state.LogBytes);
            state = Steps(model, optimizer, generator, state, log, checkpoint, cancellation);
            model.Eval();
            model.Extension!.Eval();
            checkpoint.SaveModel(model);
            return (model, state.Seconds);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private TrainingState Steps(
        Classifier model, Sgd optimizer, Generator generator, TrainingState state, TrainingLog log, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var schedule = new CosineSchedule(_plan.LearningRate, _totalSteps, _plan.FinalLearningRate);
        var augmentation = new BatchAugmentation(_plan.Normalization.Mean, _plan.Normalization.Std, _plan.Padding, _plan.Flip, _plan.Seed);
        var extras = new BatchExtras { Views = _views, Auxiliary = _auxiliary is null ? null : new AuxiliaryImages(_auxiliary, _auxiliaryPerBatch, augmentation) };
        using var loader = new BatchLoader(_real, _synthetic, augmentation, RemainingBatches(state.Step), extras: extras);
        using var step = new TrainingStep(_plan, model, optimizer, Device, _totalSteps, new SourceWeights(_plan.SyntheticLossWeight, Weights?.Values));
        var clock = Stopwatch.StartNew();
        var before = state.Seconds;
        var firstStep = state.Step;
        long images = 0;
        if (state.Step == 0)
        {
            LogStart(log);
            state = state with { LogBytes = log.Length };
        }

        model.Train();
        model.Extension!.Train();
        foreach (var batch in loader.Batches())
        {
            using (batch)
            {
                optimizer.LearningRate = schedule.LearningRate(state.Step);
                var (loss, correct) = step.Take(batch);
                var count = batch.Batch.Count;
                state = state with
                {
                    Step = state.Step + 1,
                    LossSum = state.LossSum + (loss * count),
                    Correct = state.Correct + correct,
                    Seen = state.Seen + count,
                    Seconds = before + clock.Elapsed.TotalSeconds,
                };
                images += count;
            }

            var ended = state.Step % _sampler.BatchesPerEpoch == 0;
            Report(state, ended, images / clock.Elapsed.TotalSeconds, clock.Elapsed / (state.Step - firstStep) * (_totalSteps - state.Step));
            if (ended)
                state = EndEpoch(log, state, optimizer.LearningRate);
            if (ended || state.Step % CheckpointEverySteps == 0 || cancellation.IsCancellationRequested)
            {
                RefuseBrokenWeights(model, state.Step);
                checkpoint.Save(model, optimizer, generator, state);
            }

            cancellation.ThrowIfCancellationRequested();
        }

        return state;
    }

    // A checkpoint of such weights could never be gone on from.
    private static void RefuseBrokenWeights(Classifier model, long step)
    {
        if (ResumeChecks.BrokenWeight([.. model.StateDict(), .. model.Extension!.StateDict()]) is { } name)
            throw new TrainingFailedException($"{name} has values that are NaN or infinite after step {step}: the last checkpoint is kept; a lower learning rate may help");
    }

    private IEnumerable<Batch> RemainingBatches(long step)
    {
        var perEpoch = _sampler.BatchesPerEpoch;
        for (; step < _totalSteps; step++)
            yield return _sampler.GetBatch((int)(step / perEpoch), (int)(step % perEpoch));
    }

    private void Report(TrainingState state, bool ended, double speed, TimeSpan remaining) => Progress?.Invoke(new TrainingProgress(
        (int)((state.Step - 1) / _sampler.BatchesPerEpoch) + 1, _plan.Epochs, state.Step, _totalSteps, state.LossSum / state.Seen,
        100.0 * state.Correct / state.Seen, speed, remaining, ended));

    private static TrainingState EndEpoch(TrainingLog log, TrainingState state, double learningRate)
    {
        log.Write(new
        {
            @event = "epoch",
            step = state.Step,
            loss = state.LossSum / state.Seen,
            accuracy = 100.0 * state.Correct / state.Seen,
            images = state.Seen,
            learning_rate = learningRate,
            seconds = state.Seconds,
        });
        return state with { LossSum = 0, Correct = 0, Seen = 0, LogBytes = log.Length };
    }

    private void LogStart(TrainingLog log) => log.Write(new
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
    private Dictionary<string, string> Settings()
    {
        var settings = JsonSerializer.SerializeToElement(_plan).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText());
        settings["real images"] = _real.ContentHash;
        settings["auxiliary images"] = _auxiliary?.ContentHash ?? "none";
        foreach (var (view, transform) in _views.Index().Where(entry => entry.Item?.ContentHash is not null))
            settings[$"images mixed into view {view}"] = transform!.ContentHash!;
        settings["synthetic images"] = _sampler.DrawsSynthetic ? _synthetic!.ContentHash : "none";
        settings["synthetic weights"] = _sampler.DrawsSynthetic ? Weights?.ContentHash ?? "none" : "none";
        settings["initial weights"] = _plan.Init is { } start ? InitialWeights.Hash(start) : "none";
        return settings;
    }

    private void CheckSameRun(TrainingState state, string path)
    {
        if (state.Seed != _plan.Seed || state.TotalSteps != _totalSteps)
        {
            throw new DataException(
                $"{path} belongs to a run of {state.TotalSteps} steps with seed {state.Seed}, expected {_totalSteps} steps with seed {_plan.Seed}");
        }

        ResumeChecks.RefuseOtherRun(path, state.Settings, Settings(), state.Threads);
    }

    private static (ImageTransform?[] Views, int AuxiliaryPerBatch) ForObjective(ObjectiveChoice choice, ImageSet real, ImageSet? auxiliary)
    {
        using var objective = ObjectiveFactory.Create(choice);
        if (objective.AuxiliaryPerBatch > 0)
        {
            if (auxiliary is null or { Count: 0 })
                throw new DataException($"the objective {choice.Name} needs auxiliary (outlier) images, and there are none: give objective.auxiliary (--auxiliary)");
            if (!auxiliary.HasSameImageSize(real))
                throw new DataException($"the auxiliary images ({auxiliary}) are not of the size of the real ones ({real})");
        }

        return ([.. Enumerable.Range(0, 1 + objective.ExtraViews).Select(view => objective.CreateTransform(view, real))], objective.AuxiliaryPerBatch);
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

    private static void CheckImages(TrainingPlan plan, ImageSet real, ImageSet? synthetic)
    {
        if (plan.Normalization.Mean.Length != real.Channels)
            throw new DataException($"the normalisation has {plan.Normalization.Mean.Length} channels, {real} has {real.Channels}");
        if (synthetic is not null && !synthetic.HasSameImageSize(real))
            throw new DataException($"the synthetic images ({synthetic}) are not of the size of the real ones ({real})");
        foreach (var set in synthetic is null ? [real] : new[] { real, synthetic })
        {
            var bad = Array.FindIndex(set.Labels, label => label < 0 || label >= real.ClassCount);
            if (bad >= 0)
                throw new DataException($"{set.Name}: image {bad} has the label {set.Labels[bad]}, to train with 0..{real.ClassCount - 1} are needed");
        }
    }

    // SIO's own order cuts a source off at its end; with too few images of both, batches come out empty, on which nothing can be trained.
    private void RefuseEmptyBatches()
    {
        var empty = Enumerable.Range(0, _plan.FinalRealRatio is null ? 1 : _plan.Epochs).Select(epoch => (int?)epoch)
            .FirstOrDefault(epoch => _sampler.CountOf(epoch!.Value, _sampler.BatchesPerEpoch - 1) == 0);
        if (empty is { } first)
        {
            var perBatch = _sampler.RealPerBatchIn(first);
            throw new DataException(
                $"the images do not last for an epoch of {_sampler.BatchesPerEpoch} batches ({perBatch} real and {_plan.BatchSize - perBatch} synthetic each): in the order 'paper' the last ones would be empty; use the order 'continuous'");
        }
    }
}
