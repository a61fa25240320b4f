using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>What a synthetic image's weight in training is taken from.</summary>
public enum WeightMeasure
{
    /// <summary>1 where the real-data classifier sees the class of its label, else 0.</summary>
    Agreement,

    /// <summary>The probability that the real-data classifier gives to its label.</summary>
    Confidence,

    /// <summary>Kynkäänniemi et al.'s realism, at most 1: images among the real ones count alike, others less the farther off they are.</summary>
    Realism,
}

/// <summary>Weights for <c>synthetic.weights</c>, from what an inspection knows of every single image.</summary>
public static class QualityWeights
{
    /// <summary>A weight for each image of the inspected set, in its order, each from 0 to 1.</summary>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="measure">What they are taken from.</param>
    /// <exception cref="ArgumentException">Realism is asked for, and the inspection has none.</exception>
    public static double[] Of(Inspection inspection, WeightMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        return measure switch
        {
            WeightMeasure.Agreement => [.. inspection.Labels.Zip(inspection.Predictions, (label, seen) => label == seen ? 1.0 : 0)],
            WeightMeasure.Confidence => [.. inspection.Confidence],

            // At the very place of a real image realism knows no bounds: a copy would outweigh all others.
            _ => [.. (inspection.Realism ?? throw new ArgumentException("The inspection has no realism: its plan did not ask for it.", nameof(inspection))).Select(value => Math.Min(value, 1))],
        };
    }

    /// <summary>Refuses a place that is taken, before any work is done.</summary>
    /// <param name="path">The file to be written.</param>
    /// <exception cref="DataException">It is there, or it is not named as NumPy names its files.</exception>
    public static void Refuse(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            throw new DataException($"{path}: weights are written as one array, a name that ends in .npy was expected");
        if (File.Exists(path) || Directory.Exists(path))
            throw new DataException($"{path} is there already: choose another place for the weights");
    }

    /// <summary>Writes the weights as a <c>.npy</c> of float64, completely or not at all; its folder is made where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="measure">What they are taken from.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="DataException">The place is taken or cannot be written, or all weights are 0.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static double[] Write(string path, Inspection inspection, WeightMeasure measure)
    {
        Refuse(path);
        var weights = Of(inspection, measure);
        if (weights.All(weight => weight == 0))
            throw new DataException($"by {measure.ToString().ToLowerInvariant()} no image of {inspection.Results.Set.Source} counts at all: nothing is written");
        RunFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Npy.Write(path, NpyArray.Create(weights));
        return weights;
    }
}
