namespace Sio.Data;

/// <summary>Whether the classes that a network is trained on are those that it is tested with.</summary>
public static class ClassCoverage
{
    private const int Named = 5;

    /// <summary>What does not belong together: classes without training images, test classes never trained on, a single class.</summary>
    /// <param name="train">The training set.</param>
    /// <param name="test">The ID test set.</param>
    /// <returns>One line each; none where all is as it should be.</returns>
    public static IReadOnlyList<string> Warnings(ImageSet train, ImageSet test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        var (trained, tested) = (Classes(train), Classes(test));
        var warnings = new List<string>();
        int[] empty = [.. Enumerable.Range(0, train.ClassCount).Where(label => !trained.Contains(label))];
        if (empty.Length > 0)
            warnings.Add(ImageSet.Text($"{empty.Length} of the {train.ClassCount} classes of '{train.Name}' have no training images: {Some(empty, train)}{Cause(trained, tested)}"));
        int[] unknown = [.. tested.Where(label => !trained.Contains(label)).Order()];
        if (unknown.Length > 0)
            warnings.Add(ImageSet.Text($"'{test.Name}' has test images of {unknown.Length} classes that are never trained on: {Some(unknown, train)}; they count as wrong whatever the network says"));
        if (trained.Count == 1)
            warnings.Add(ImageSet.Text($"all images of '{train.Name}' are of one class: there is nothing to tell apart, and detectors that need logits of several classes say nothing"));
        return warnings;
    }

    private static SortedSet<int> Classes(ImageSet set) => [.. set.Labels.Where(label => label >= 0)];

    private static string Cause(SortedSet<int> trained, SortedSet<int> tested)
    {
        if (trained.Min > 0 && tested.SetEquals(trained.Select(label => label - trained.Min)))
            return ImageSet.Text($"; the training labels begin at {trained.Min}, the test labels at 0: subtract {trained.Min}");
        if (trained.Min == 1 && trained.Max == trained.Count)
            return "; the labels seem to be counted from 1, and 0 was expected first";
        return trained.Max >= trained.Count ? ImageSet.Text($"; the labels have gaps, and 0 to {trained.Count - 1} was expected of {trained.Count} classes") : string.Empty;
    }

    private static string Some(int[] labels, ImageSet set) =>
        string.Join(", ", labels.Take(Named).Select(label => set.ClassNames is { } names && label < names.Count ? ImageSet.Text($"{label} ({names[label]})") : ImageSet.Text($"{label}")))
            + (labels.Length > Named ? ", …" : string.Empty);
}
