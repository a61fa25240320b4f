using Sio.Data;
using Sio.Training;
using Sio.Training.Objectives;

namespace Sio.Experiments;

/// <summary>Turns a resolved recipe into the plan of its training.</summary>
internal static class PlanFactory
{
    /// <summary>Every number that shapes the weights.</summary>
    internal static TrainingPlan Create(Recipe recipe) => new()
    {
        Epochs = recipe.Training.Epochs,
        BatchSize = recipe.Training.BatchSize,
        RealRatio = recipe.Synthetic.RealRatio!.Value,
        Order = recipe.Synthetic.Order,
        FinalRealRatio = recipe.Synthetic.FinalRealRatio,
        RatioShape = recipe.Synthetic.RatioSchedule,
        SyntheticLossWeight = recipe.Synthetic.LossWeight,
        SyntheticLabelSmoothing = recipe.Synthetic.LabelSmoothing,
        SeparateBatchNorm = recipe.Synthetic.SeparateBatchNorm,
        Init = recipe.Network.Init,
        Seed = recipe.Seed,
        LearningRate = recipe.Training.LearningRate,
        Schedule = recipe.Training.Schedule,
        FinalLearningRate = recipe.Training.FinalLearningRate,
        WarmUpEpochs = recipe.Training.WarmUpEpochs,
        Milestones = recipe.Training.Milestones,
        Gamma = recipe.Training.Gamma,
        CycleRise = recipe.Training.CycleRise,
        CycleInitialDivisor = recipe.Training.CycleInitialDivisor,
        CycleFinalDivisor = recipe.Training.CycleFinalDivisor,
        CycleShape = recipe.Training.CycleShape,
        Momentum = recipe.Training.Momentum,
        Nesterov = recipe.Training.Nesterov,
        WeightDecay = recipe.Training.WeightDecay,
        DecayNormAndBias = recipe.Training.DecayNormAndBias,
        DecoupledWeightDecay = recipe.Training.DecoupledWeightDecay,
        NormBiasRate = recipe.Training.NormBiasRate,
        LookaheadEvery = recipe.Training.LookaheadEvery,
        LookaheadDecay = recipe.Training.LookaheadDecay,
        ClipNorm = recipe.Training.ClipNorm,
        EmaDecay = recipe.Training.EmaDecay,
        Precision = recipe.Training.Precision,
        MemoryFormat = recipe.Training.MemoryFormat ?? ImageLayout.Contiguous,
        BatchNormMomentum = recipe.Network.BatchNormMomentum,
        BatchNormEps = recipe.Network.BatchNormEps,
        Objective = new ObjectiveChoice(recipe.Objective.Name, recipe.Objective.Settings),
        LabelSmoothing = recipe.Training.LabelSmoothing,
        Padding = recipe.Training.RandomResizedCrop ? 0 : recipe.Training.Padding,
        RandomResizedCrop = recipe.Training.RandomResizedCrop,
        CropMinArea = recipe.Training.CropMinArea,
        Flip = recipe.Training.Flip,
        AlternatingFlip = recipe.Training.AlternatingFlip,
        Normalization = new Normalization(recipe.Training.Mean!, recipe.Training.Std!),
    };
}
