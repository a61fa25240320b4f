using System.Text.Json;
using Sio.Data;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>What a classifier's trainer sees to before it begins or goes on.</summary>
internal static class TrainerChecks
{
    // The last batch of an epoch may well have fewer.
    private const double EnoughOfSynthetic = 0.9;

    /// <summary>Refuses a plan whose schedule, average or decay makes no sense.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stepsPerEpoch">Steps per epoch.</param>
    /// <exception cref="DataException">A number is none for its purpose.</exception>
    internal static void CheckPlan(TrainingPlan plan, int stepsPerEpoch)
    {
        if (OnlyMoveOfLookahead(plan, stepsPerEpoch) && plan.LookaheadDecay == 1)
            throw new DataException($"training.lookahead_every {plan.LookaheadEvery} with a training.lookahead_decay of 1: the training would end with the weights that it began with");
        try
        {
            _ = ScheduleFactory.Create(plan, stepsPerEpoch);
        }
        catch (ArgumentException error)
        {
            throw new DataException($"cannot make the schedule of learning rates: {DataFile.OneLine(error.Message)}", error);
        }

        if (!(plan.CropMinArea is > 0 and <= 1))
            throw new DataException($"the smallest part of an image cannot have {plan.CropMinArea} of its area: a number above 0 and at most 1 was expected");
        if (plan.ClipNorm is <= 0 or double.NaN)
            throw new DataException($"gradients cannot be clipped to a norm of {plan.ClipNorm}: a number above 0 was expected");
        if (plan.EmaDecay is not (null or (>= 0 and < 1)))
            throw new DataException($"the weights' moving average cannot have the decay {plan.EmaDecay}: a number from 0 to below 1 was expected");
    }

    /// <summary>Refuses a precision that a device does not compute in.</summary>
    /// <exception cref="DataException">float16 on a CPU.</exception>
    internal static void CheckPrecision(TrainingPrecision precision, Device device)
    {
        if (precision == TrainingPrecision.Float16 && device.type == DeviceType.CPU)
            throw new DataException("training.precision float16 needs a GPU (device: cuda): LibTorch does not convolve in it on a CPU; bfloat16 works on both");
    }

    /// <summary>Refuses validation images that the network cannot be measured on.</summary>
    /// <exception cref="DataException">They are of another size, or have labels that are not those of training.</exception>
    internal static void CheckValidation(ImageSet validation, ImageSet real)
    {
        if (!validation.HasSameImageSize(real))
            throw new DataException($"the validation images ({validation}) are not of the size of the training images ({real})");
        var bad = Array.FindIndex(validation.Labels, label => label < 0 || label >= real.ClassCount);
        if (bad >= 0)
            throw new DataException($"{validation.Name}: image {bad} has the label {validation.Labels[bad]}, to validate with 0..{real.ClassCount - 1} are needed");
    }

    /// <summary>Refuses a checkpoint of another run.</summary>
    /// <param name="state">The checkpoint's state.</param>
    /// <param name="seed">This run's seed.</param>
    /// <param name="totalSteps">This run's steps.</param>
    /// <param name="settings">What <see cref="Settings"/> gives for this run.</param>
    /// <param name="path">The checkpoint, for the message.</param>
    /// <exception cref="DataException">Something differs.</exception>
    internal static void CheckSameRun(TrainingState state, int seed, long totalSteps, Dictionary<string, string> settings, string path)
    {
        if (state.Seed != seed || state.TotalSteps != totalSteps)
            throw new DataException($"{path} belongs to a run of {state.TotalSteps} steps with seed {state.Seed}, expected {totalSteps} steps with seed {seed}");
        ResumeChecks.RefuseOtherRun(path, state.Settings, settings, state.Threads);
    }

    /// <summary>All that shapes the weights, beside network, seed and threads, by name.</summary>
    internal static Dictionary<string, string> Settings(TrainingPlan plan, ImageSet real, ImageSet? synthetic, ImageSet? auxiliary, ImageSet? validation)
    {
        var settings = JsonSerializer.SerializeToElement(plan).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText());
        settings["real images"] = real.ContentHash;
        settings["auxiliary images"] = auxiliary?.ContentHash ?? "none";
        settings["synthetic images"] = synthetic?.ContentHash ?? "none";

        // They choose the best epoch.
        if (validation is not null)
            settings["validation images"] = validation.ContentHash;
        return settings;
    }

    /// <summary>What an objective does to images, and how many auxiliary ones it takes per batch.</summary>
    /// <exception cref="DataException">It needs auxiliary images, and there are none of this size.</exception>
    internal static (ImageTransform?[] Views, int AuxiliaryPerBatch) ForObjective(ObjectiveChoice choice, ImageSet real, ImageSet? auxiliary)
    {
        var objective = ObjectiveFactory.Create(choice);
        if (objective.AuxiliaryPerBatch > 0)
        {
            if (auxiliary is null or { Count: 0 })
                throw new DataException($"the objective {choice.Name} needs auxiliary (outlier) images, and there are none: give objective.auxiliary (--auxiliary)");
            if (!auxiliary.HasSameImageSize(real))
                throw new DataException($"the auxiliary images ({auxiliary}) are not of the size of the real ones ({real})");
        }

        return ([.. Enumerable.Range(0, 1 + objective.ExtraViews).Select(view => objective.CreateTransform(view, real))], objective.AuxiliaryPerBatch);
    }

    /// <summary>What an objective says of the labels that it will see.</summary>
    /// <exception cref="DataException">It cannot do its work on them.</exception>
    internal static string? CheckLabels(ObjectiveChoice choice, ImageSet real, IEnumerable<long[]> batches, long steps)
    {
        var objective = ObjectiveFactory.Create(choice);
        return objective.CheckLabels(batches, real.ClassCount, steps);
    }

    /// <summary>Refuses images that do not go with the plan or with each other.</summary>
    /// <exception cref="DataException">Channels, sizes or labels do not fit.</exception>
    internal static void CheckImages(TrainingPlan plan, ImageSet real, ImageSet? synthetic)
    {
        if (plan.Normalization.Mean.Length != real.Channels)
            throw new DataException($"the normalisation has {plan.Normalization.Mean.Length} channels, {real} has {real.Channels}");
        if (plan.RandomResizedCrop && real.Channels is not (1 or 3))
            throw new DataException($"training.random_resized_crop resizes images of 1 or 3 channels, {real} has {real.Channels}");
        if (synthetic is not null && !synthetic.HasSameImageSize(real))
            throw new DataException($"the synthetic images ({synthetic}) are not of the size of the real ones ({real})");
        foreach (var set in synthetic is null ? [real] : new[] { real, synthetic })
        {
            var bad = Array.FindIndex(set.Labels, label => label < 0 || label >= real.ClassCount);
            if (bad >= 0)
                throw new DataException($"{set.Name}: image {bad} has the label {set.Labels[bad]}, to train with 0..{real.ClassCount - 1} are needed");
        }
    }

    /// <summary>What is to be told of Lookahead where its weights move at the end alone, on one line; null where they move before.</summary>
    internal static string? LateLookahead(TrainingPlan plan, int stepsPerEpoch) => OnlyMoveOfLookahead(plan, stepsPerEpoch)
        ? ImageSet.Text($"training.lookahead_every {plan.LookaheadEvery}: the training is shorter, so that the slow weights move once only, after its last step")
        : null;

    private static bool OnlyMoveOfLookahead(TrainingPlan plan, int stepsPerEpoch) => plan.LookaheadEvery > (long)plan.Epochs * stepsPerEpoch;

    /// <summary>Refuses batch norm kept apart by source where some epoch has no real images: its running statistics, which evaluation needs, would never be taken, or grow stale.</summary>
    /// <exception cref="DataException">There is such an epoch.</exception>
    internal static void RefuseStatisticsOfNone(TwoSourceSampler sampler, TrainingPlan plan)
    {
        if (plan.SeparateBatchNorm && Enumerable.Range(0, plan.Epochs).Any(epoch => sampler.RealPerBatchIn(epoch) == 0))
            throw new DataException("synthetic.separate_batch_norm takes the statistics for evaluation from real images, and there are epochs without any: use a larger real ratio, or one batch norm for both");
    }

    /// <summary>What is to be told of synthetic images that run out within an epoch, on one line; null where they do not.</summary>
    // As in SIO's own code; but who compares ratios or weights wants to know.
    internal static string? ShortOfSynthetic(TwoSourceSampler sampler, TrainingPlan plan)
    {
        if (sampler.Order != SamplingOrder.Paper)
            return null;
        var most = Enumerable.Range(0, plan.Epochs).Max(epoch => plan.BatchSize - sampler.RealPerBatchIn(epoch));
        var wanted = (long)most * sampler.BatchesPerEpoch;
        return sampler.SyntheticCount >= EnoughOfSynthetic * wanted
            ? null
            : ImageSet.Text($"there are {sampler.SyntheticCount} of the {wanted} synthetic images that an epoch asks for: its later batches have fewer or none; with synthetic.order continuous they begin anew");
    }

    /// <summary>Refuses a sampler that gives batches without images.</summary>
    /// <exception cref="DataException">It does.</exception>
    // SIO's own order cuts a source off at its end; with too few images of both, batches come out empty, on which nothing can be trained.
    internal static void RefuseEmptyBatches(TwoSourceSampler sampler, TrainingPlan plan)
    {
        var empty = Enumerable.Range(0, plan.FinalRealRatio is null ? 1 : plan.Epochs).Select(epoch => (int?)epoch)
            .FirstOrDefault(epoch => sampler.CountOf(epoch!.Value, sampler.BatchesPerEpoch - 1) == 0);
        if (empty is { } first)
        {
            var perBatch = sampler.RealPerBatchIn(first);
            throw new DataException(
                $"the images do not last for an epoch of {sampler.BatchesPerEpoch} batches ({perBatch} real and {plan.BatchSize - perBatch} synthetic each): in the order 'paper' the last ones would be empty; use the order 'continuous'");
        }
    }
}
