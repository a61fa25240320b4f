using Sio.Data;
using Sio.Recipes;
using Sio.Training;
using Sio.Training.Objectives;

namespace Sio.Experiments;

/// <summary>
/// Keys of a recipe that change nothing, given what the others say. They are no errors: a baseline is a recipe for SIO with a ratio of 1, and a long recipe is tried with few epochs. But who set them
/// will think that they did something.
/// </summary>
internal static class IdleKeys
{
    private static readonly TrainingRecipe s_training = new();

    /// <summary>What is to be told of a recipe's keys.</summary>
    /// <param name="recipe">A resolved recipe. It names every key, so one that has its default is not taken for set.</param>
    /// <returns>One line for each reason.</returns>
    internal static IEnumerable<string> Warnings(Recipe recipe) => [.. OfSynthetic(recipe), .. OfSchedule(recipe.Training), .. OfTraining(recipe.Training), .. OfObjective(recipe.Objective)];

    private static IEnumerable<string> OfSynthetic(Recipe recipe)
    {
        var synthetic = recipe.Synthetic;
        if (!Run.UsesSynthetic(synthetic))
        {
            (string Key, bool IsSet)[] levers =
            [
                ("synthetic.loss_weight", synthetic.LossWeight is not null), ("synthetic.weights", synthetic.Weights is not null), ("synthetic.label_smoothing", synthetic.LabelSmoothing is not null),
                ("synthetic.separate_batch_norm", synthetic.SeparateBatchNorm),
            ];
            foreach (var line in Idle(levers, "no synthetic images are drawn (synthetic.real_ratio is 1)"))
                yield return line;
        }

        if (synthetic.FinalRealRatio is null && synthetic.RatioSchedule != RatioShape.Linear)
            yield return "synthetic.ratio_schedule: without effect, since there is no synthetic.final_real_ratio to go to";
        if (synthetic.FinalRealRatio is { } final && final != synthetic.RealRatio && recipe.Training.Epochs == 1)
            yield return "synthetic.final_real_ratio: without effect, since training.epochs is 1 and the first epoch has synthetic.real_ratio";
    }

    private static IEnumerable<string> OfSchedule(TrainingRecipe training)
    {
        (ScheduleKind Schedule, string Key, bool IsSet)[] keys =
        [
            (ScheduleKind.Cosine, "training.final_learning_rate", training.FinalLearningRate != s_training.FinalLearningRate),
            (ScheduleKind.Step, "training.milestones", training.Milestones.Count > 0),
            (ScheduleKind.Step, "training.gamma", training.Gamma != s_training.Gamma),
            (ScheduleKind.OneCycle, "training.cycle_rise", training.CycleRise != s_training.CycleRise),
            (ScheduleKind.OneCycle, "training.cycle_initial_divisor", training.CycleInitialDivisor != s_training.CycleInitialDivisor),
            (ScheduleKind.OneCycle, "training.cycle_final_divisor", training.CycleFinalDivisor != s_training.CycleFinalDivisor),
            (ScheduleKind.OneCycle, "training.cycle_shape", training.CycleShape != s_training.CycleShape),
        ];
        foreach (var line in Idle(keys.Where(key => key.Schedule != training.Schedule).Select(key => (key.Key, key.IsSet)), $"training.schedule is {RecipeWriter.Inline(training.Schedule)}"))
            yield return line;

        // A milestone is an epoch's end, and after the last there is no step left.
        if (training.Schedule == ScheduleKind.Step && training.Milestones.Where(epoch => epoch >= training.Epochs).ToArray() is { Length: > 0 } late)
            yield return ImageSet.Text($"training.milestones {string.Join(", ", late)}: never reached, since training.epochs is {training.Epochs}");
        if (training.WarmUpEpochs > training.Epochs)
            yield return ImageSet.Text($"training.warm_up_epochs {training.WarmUpEpochs}: the whole training is warm-up, since training.epochs is {training.Epochs}, and the learning rate does not come to its peak");
    }

    private static IEnumerable<string> OfTraining(TrainingRecipe training) =>
    [
        .. Idle([("training.alternating_flip", training.AlternatingFlip && !training.Flip)], "training.flip is false"),
        .. Idle([("training.crop_min_area", training.CropMinArea != s_training.CropMinArea && !training.RandomResizedCrop)], "training.random_resized_crop is false"),
        .. Idle([("training.lookahead_decay", training.LookaheadDecay != s_training.LookaheadDecay && training.LookaheadEvery == 0)], "training.lookahead_every is 0"),
    ];

    private static string[] OfObjective(ObjectiveRecipe choice)
    {
        var objective = ObjectiveFactory.Create(new ObjectiveChoice(choice.Name, choice.Settings));
        return Idle([("objective.auxiliary", choice.Auxiliary is not null && objective.AuxiliaryPerBatch == 0)], $"{choice.Name} takes no auxiliary images");
    }

    private static string[] Idle(IEnumerable<(string Key, bool IsSet)> keys, string reason) =>
        keys.Where(key => key.IsSet).Select(key => key.Key).ToArray() is { Length: > 0 } idle ? [$"{string.Join(", ", idle)}: without effect, since {reason}"] : [];
}
