using System.Globalization;

namespace Sio.Data.Readers;

/// <summary>Which classes of a data set are known and which held out, for open-set problems and subsets of large sets.</summary>
public sealed class ClassRule
{
    private const string RandomWord = "random ";

    private readonly int[] _listed;
    private readonly int _random;
    private readonly int _of;
    private readonly HashSet<int> _ignored;
    private readonly string _text;

    private ClassRule(string text, int[] listed, (int Count, int Of) random, int[] ignored) =>
        (_text, _listed, _random, _of, _ignored) = (text, listed, random.Count, random.Of, [.. ignored]);

    /// <summary>Reads a rule.</summary>
    /// <param name="known">
    /// The known classes' labels and ranges of them, separated by commas, in the order of their new labels (<c>404, 751, 94</c>; <c>151-250</c>); or <c>random 6 of 10</c>: six of ten
    /// classes, chosen anew for each split number.
    /// </param>
    /// <param name="ignored">Labels of classes that are neither known nor held out, likewise; null for none.</param>
    /// <exception cref="DataException">The text is none of that, or names a class twice.</exception>
    public static ClassRule Parse(string known, string? ignored = null)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (string.IsNullOrWhiteSpace(known))
            throw new DataException("'classes' is empty: labels and ranges (0, 1, 5-8) or 'random 6 of 10' were expected");
        var left = string.IsNullOrWhiteSpace(ignored) ? [] : Labels(ignored);
        if (known.StartsWith(RandomWord, StringComparison.Ordinal))
        {
            var words = known[RandomWord.Length..].Split(' ');
            return words is [var some, "of", var all] && Number(some, out var count) && Number(all, out var of) && count > 0 && count < of - left.Length
                ? new ClassRule(known, [], (count, of), left)
                : throw new DataException($"{DataFile.Quote(known)} names no number of known classes and of all, 'random 6 of 10' was expected");
        }

        var labels = Labels(known);
        if (labels.Intersect(left).Any())
            throw new DataException($"class {labels.Intersect(left).First()} is both a known class and one that is left out");
        return new ClassRule(known, labels, (0, labels.Concat(left).Max() + 1), left);
    }

    /// <summary>The known classes, in the order of their new labels.</summary>
    /// <param name="split">Which of the random choices, ≥ 0; a list of labels is the same for all.</param>
    public int[] Known(int split)
    {
        if (_random == 0)
            return _listed;
        int[] possible = [.. Enumerable.Range(0, _of).Where(label => !_ignored.Contains(label))];
        // In ascending order, so that the new labels follow the old ones.
        return [.. RandomStream.For(split, "class-rule/known").Permutation(possible.Length)[.._random].Select(i => possible[i]).Order()];
    }

    /// <summary>The classes that are held out: those neither known nor ignored, ascending.</summary>
    /// <param name="classCount">The data set's number of classes.</param>
    /// <param name="split">As for <see cref="Known"/>.</param>
    public int[] HeldOut(int classCount, int split) => [.. Enumerable.Range(0, classCount).Except(Known(split)).Where(label => !_ignored.Contains(label))];

    /// <summary>How many classes a data set must have at least; all of them, where the rule draws some.</summary>
    internal int Classes => _of;

    /// <summary>Refuses a data set with other classes than the rule speaks of.</summary>
    /// <exception cref="DataException">It has fewer, or, where the rule says how many there are, more.</exception>
    public void Check(int classCount)
    {
        if (_random == 0 ? classCount < _of : classCount != _of)
            throw new DataException($"the classes '{_text}' are asked for, but the data set has {classCount}, numbered from 0");
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static int[] Labels(string text)
    {
        var labels = text.Split(',', StringSplitOptions.TrimEntries).SelectMany(Range).ToArray();
        return labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new DataException($"{DataFile.Quote(text)} names class {twice.Key} twice")
            : labels;

        IEnumerable<int> Range(string part)
        {
            var bounds = part.Split('-', 2);
            if (!Number(bounds[0], out var first) || !Number(bounds[^1], out var last) || last < first)
                throw new DataException($"{DataFile.Quote(part)} in {DataFile.Quote(text)} is no class label (0, 1, …) and no range of such (151-250)");
            return Enumerable.Range(first, last - first + 1);
        }
    }

    private static bool Number(string text, out int value) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < SyntheticSet.MaxClasses;
}
