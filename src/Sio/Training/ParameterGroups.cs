using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Optim;
using Sio.Training.Objectives;

namespace Sio.Training;

/// <summary>Which parameters decay: the recipe decides for scales, shifts and biases, the objective for its own needs.</summary>
internal static class ParameterGroups
{
    private const string NetworkPrefix = "network.";

    /// <summary>The parameters of a network and of the objective that extends it, with their weight decay.</summary>
    internal static List<ParameterGroup> Of(TrainingPlan plan, Classifier model)
    {
        var objective = (Objective)model.Extension!;
        var all = model.NamedParameters().Select(entry => (Name: NetworkPrefix + entry.Name, entry.Value)).Concat(objective.NamedParameters());
        var decayed = all.ToLookup(entry => Decays(plan, entry.Value) && objective.Decays(entry.Name), entry => entry.Value);
        List<ParameterGroup> groups = [];
        if (decayed[true].Any())
            groups.Add(new ParameterGroup([.. decayed[true]], plan.WeightDecay));
        if (decayed[false].Any())
            groups.Add(new ParameterGroup([.. decayed[false]]));
        return groups;
    }

    // Weights of convolutions and linear layers have two dimensions or more; scales, shifts and biases have one.
    private static bool Decays(TrainingPlan plan, Tensor parameter) => plan.DecayNormAndBias || parameter.Dim > 1;
}
