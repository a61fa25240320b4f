using Sio.Networks;
using Sio.Nn;
using Sio.Optim;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>Which parameters decay, and at which rate they learn: the recipe decides for scales, shifts and biases, the objective for its own needs.</summary>
internal static class ParameterGroups
{
    private const string NetworkPrefix = "network.";

    /// <summary>The parameters of a network and of the objective that extends it, with their weight decay and learning rate.</summary>
    internal static List<ParameterGroup> Of(TrainingPlan plan, Classifier model)
    {
        var objective = Objective.Of(model)!;
        var layers = objective.Layers;
        var shifts = plan.NormBiasRate == 1 ? [] : NormBiases(model).Concat(NormBiases(layers)).ToHashSet(ReferenceEqualityComparer.Instance);
        var all = model.named_parameters().Select(entry => (Name: NetworkPrefix + entry.name, Value: (Tensor)entry.parameter))
            .Concat(layers.named_parameters().Select(entry => (Name: entry.name, Value: (Tensor)entry.parameter)));
        return
        [
            .. all
                .GroupBy(
                    entry => (Decays: Decays(plan, entry.Value) && objective.Decays(entry.Name), Scale: shifts.Contains(entry.Value) ? plan.NormBiasRate : 1),
                    entry => entry.Value)

                // The optimiser's state is saved under numbers that count in this order.
                .OrderByDescending(group => group.Key.Decays).ThenBy(group => group.Key.Scale)
                .Select(group => new ParameterGroup([.. group], group.Key.Decays ? WeightDecay(plan, group.Key.Scale) : 0, group.Key.Scale)),
        ];
    }

    // Weights of convolutions and linear layers have two dimensions or more; scales, shifts and biases have one.
    private static bool Decays(TrainingPlan plan, Tensor parameter) => plan.DecayNormAndBias || parameter.ndim > 1;

    // The optimiser adds λw to the gradient and multiplies by the rate: what the rate brings in is taken out here.
    private static double WeightDecay(TrainingPlan plan, double scale) => plan.DecoupledWeightDecay ? plan.WeightDecay / (plan.LearningRate * scale) : plan.WeightDecay;

    private static IEnumerable<Tensor> NormBiases(nn.Module module) =>
        module.named_children().SelectMany(child => NormBiases(child.module)).Concat(module is BatchNorm2d norm ? [norm.bias] : Array.Empty<Tensor>());
}
