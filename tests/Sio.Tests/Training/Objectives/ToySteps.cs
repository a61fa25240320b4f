using Sio.Data;
using Sio.Networks;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>Steps for objectives, made by hand.</summary>
internal static class ToySteps
{
    /// <summary>A step of black 28×28 images, of which the first are real: for what does not look at them.</summary>
    internal static ObjectiveStep Of(
        long count, int real, Classifier? network = null, Tensor? images = null, Tensor? labels = null, Tensor? auxiliary = null, Tensor? weights = null, long seed = 5, long step = 0, long steps = 1) => new()
    {
        Network = network ?? Network("cross_entropy"),
        Images = images ?? torch.zeros([count, 1, 28, 28]),
        Labels = labels ?? torch.zeros([count], dtype: ScalarType.Int64),
        RealCount = real,
        Auxiliary = auxiliary,
        Weights = weights,
        Step = step,
        TotalSteps = steps,
        Random = new Generator((ulong)seed, CPU),
        Draws = RandomStream.For(seed, "test"),
    };

    /// <summary>LeNet for two classes with an objective.</summary>
    internal static Classifier Network(string objective, params (string Key, string Value)[] settings)
    {
        using var generator = new Generator(1, CPU);
        var choice = new ObjectiveChoice(objective, settings.ToDictionary(entry => entry.Key, entry => entry.Value));
        return ClassifierFactory.Create(ToyTraining.Plan with { Objective = choice }, "lenet", ToyTraining.Real, generator);
    }
}
