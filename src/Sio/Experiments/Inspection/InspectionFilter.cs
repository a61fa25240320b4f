using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>What a synthetic image is ranked by.</summary>
public enum QualityMeasure
{
    /// <summary>The probability that the real-data classifier gives to its label.</summary>
    Confidence,

    /// <summary>Kynkäänniemi et al.'s realism: how deep it lies among the real images' features.</summary>
    Realism,
}

/// <summary>Which images of an inspected set are kept. The rules apply one after the other, in the order of the properties.</summary>
public sealed record InspectionFilter
{
    /// <summary>Keep images in which the real-data classifier sees the class of their label.</summary>
    public bool KeepAgreeing { get; init; }

    /// <summary>Drop images nearer, in pixels, to a training image than <see cref="InspectionResults.CopyThreshold"/>.</summary>
    public bool DropCopies { get; init; }

    /// <summary>Keep this share of each class's images that are left, the best by <see cref="Quality"/>; in (0, 1], null for all.</summary>
    public double? QualityTop { get; init; }

    /// <summary>What is best.</summary>
    public QualityMeasure Quality { get; init; }

    /// <summary>Whether anything is filtered.</summary>
    public bool IsEmpty => !KeepAgreeing && !DropCopies && QualityTop is null;

    /// <summary>Chooses the images to keep.</summary>
    /// <param name="inspection">The inspected set.</param>
    /// <returns>Their numbers, ascending, and how many each rule dropped.</returns>
    /// <exception cref="ArgumentException">Realism is asked for, and the inspection has none.</exception>
    /// <exception cref="DataException">A class would be left without images.</exception>
    public (int[] Kept, FilterCounts Counts) Choose(Inspection inspection)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        int[] all = [.. Enumerable.Range(0, inspection.Labels.Count)];
        int[] agreeing = KeepAgreeing ? [.. all.Where(i => inspection.Predictions[i] == inspection.Labels[i])] : all;
        int[] own = DropCopies ? [.. agreeing.Where(i => inspection.Neighbours.Distances[i] >= inspection.Results.CopyThreshold)] : agreeing;
        var best = QualityTop is { } share ? Best(inspection, own, share) : own;
        var perClass = new int[inspection.Results.Classes.Count];
        foreach (var i in best)
            perClass[inspection.Labels[i]]++;
        if (Array.IndexOf(perClass, 0) is >= 0 and var empty)
        {
            throw new DataException(ImageSet.Text(
                $"the filters leave no image of class {empty} ({inspection.Results.Classes[empty]}): {all.Length - agreeing.Length} images disagree with their labels, {agreeing.Length - own.Length} more are suspected copies; nothing is written"));
        }

        return (best, new FilterCounts(all.Length, all.Length - agreeing.Length, agreeing.Length - own.Length, own.Length - best.Length, best.Length, perClass));
    }

    private int[] Best(Inspection inspection, int[] images, double share)
    {
        if (!(share > 0 && share <= 1))
            throw new InvalidOperationException("The share of images to keep must lie in (0, 1].");
        var quality = Quality == QualityMeasure.Confidence
            ? inspection.Confidence
            : inspection.Realism ?? throw new ArgumentException("The inspection has no realism: its plan did not ask for it.", nameof(inspection));

        // The first of equal ones; at least one image of each class that has any.
        return
        [
            .. images.GroupBy(i => inspection.Labels[i])
                .SelectMany(group => group.OrderByDescending(i => quality[i]).ThenBy(i => i).Take((int)Math.Ceiling(share * group.Count()))).Order(),
        ];
    }
}

/// <summary>What the rules of a filter did.</summary>
/// <param name="Images">Images before.</param>
/// <param name="Disagreeing">Dropped because the classifier sees another class.</param>
/// <param name="Copies">Dropped as suspected copies.</param>
/// <param name="Worse">Dropped as worse than the best.</param>
/// <param name="Kept">Images left.</param>
/// <param name="PerClass">Images left of each class.</param>
public sealed record FilterCounts(int Images, int Disagreeing, int Copies, int Worse, int Kept, IReadOnlyList<int> PerClass);
