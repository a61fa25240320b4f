namespace Sio.Evaluation;

/// <summary>Classification accuracy on in-distribution samples.</summary>
public static class Accuracy
{
    /// <summary>Share of ID samples whose predicted class is their own, in per cent.</summary>
    /// <param name="predictions">Predicted class per sample.</param>
    /// <param name="labels">True class per sample, in the same order; -1 marks an OOD sample, which is not counted.</param>
    /// <returns>0 to 100.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is below -1, or there is no ID sample.</exception>
    public static double Compute(ReadOnlySpan<int> predictions, ReadOnlySpan<int> labels)
    {
        if (predictions.Length != labels.Length)
            throw new ArgumentException($"There are {predictions.Length} predictions for {labels.Length} labels.");

        int counted = 0, correct = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < -1)
                throw new ArgumentException($"Label {i} is {labels[i]}; a class is 0 or more, and -1 marks an OOD sample.");
            if (labels[i] == -1)
                continue;

            counted++;
            if (predictions[i] == labels[i])
                correct++;
        }

        return counted > 0
            ? 100.0 * correct / counted
            : throw new ArgumentException("There is no ID sample; accuracy needs at least one.");
    }
}
