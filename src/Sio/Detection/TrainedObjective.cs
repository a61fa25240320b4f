using Sio.Training.Objectives;

namespace Sio.Detection;

/// <summary>For detectors that are a training method's own score: finds what the method added to the network.</summary>
internal static class TrainedObjective
{
    /// <summary>The objective that the network behind a bank was trained with. It stays the network's.</summary>
    /// <param name="detector">Who asks; detector and objective have the same name.</param>
    /// <param name="bank">A bank with images.</param>
    /// <exception cref="DetectionException">The network was trained in another way, or nothing is known of it.</exception>
    internal static T Of<T>(Detector detector, FeatureBank bank)
        where T : Objective => (bank.Images?.Model.Extension as ObjectiveLayers)?.Objective as T
            ?? throw new DetectionException($"{detector.Name}: needs a network that was trained with the objective {detector.Name} (--objective {detector.Name})");
}
