namespace Sio.Data;

/// <content>Sets made of other sets.</content>
public sealed partial class ImageSet
{
    /// <summary>The chosen images, in the order of their indices; an index may occur more than once.</summary>
    /// <param name="indices">Each from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="name">The new set's name; this set's own if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no image of that index.</exception>
    public ImageSet Select(ReadOnlySpan<int> indices, string? name = null)
    {
        var labels = new int[indices.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if ((uint)indices[i] >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(indices), indices[i], Text($"'{Name}' has images 0..{Count - 1}."));
            labels[i] = Labels[indices[i]];
        }

        return Chosen(name, indices, labels, ClassCount, ClassNames);
    }

    /// <summary>
    /// The images of some classes, renumbered in the order given: <c>KeepClasses([0, 1, 2, 5, 7, 8])</c> leaves labels 0 to 5.
    /// </summary>
    /// <param name="classes">Labels of this set, each once.</param>
    /// <param name="name">The new set's name; this set's own if null.</param>
    /// <exception cref="ArgumentException">A class does not exist or is given twice.</exception>
    public ImageSet KeepClasses(IReadOnlyList<int> classes, string? name = null)
    {
        var newLabels = Renumber(classes);
        var indices = IndicesOf(newLabels);
        var labels = Array.ConvertAll(indices, i => newLabels[Labels[i]]);
        var names = ClassNames is null ? null : classes.Select(c => ClassNames[c]).ToArray();
        return Chosen(name, indices, labels, classes.Count, names);
    }

    /// <summary>The images of some classes as out-of-distribution images: label −1, no classes.</summary>
    /// <param name="classes">Labels of this set, each once.</param>
    /// <param name="name">The new set's name; this set's own if null.</param>
    /// <exception cref="ArgumentException">A class does not exist or is given twice.</exception>
    public ImageSet HoldOutClasses(IReadOnlyList<int> classes, string? name = null)
    {
        var indices = IndicesOf(Renumber(classes));
        return Chosen(name, indices, OodLabels(indices.Length), 0, null);
    }

    /// <summary>All images as out-of-distribution images: label −1, no classes. The pixels are shared, not copied.</summary>
    /// <param name="name">The new set's name; this set's own if null.</param>
    public ImageSet AsOutOfDistribution(string? name = null) => Relabelled(OodLabels(Count), 0, null, name);

    /// <summary>The same images with other labels. The pixels are shared, not copied.</summary>
    /// <param name="labels">One per image, in an array that the caller hands over: 0 to <paramref name="classCount"/> − 1, or <see cref="OodLabel"/>.</param>
    /// <param name="classCount">The number of classes, ≥ 0.</param>
    /// <param name="classNames">A name per class, or null if there are none.</param>
    /// <param name="name">The new set's name; this set's own if null.</param>
    /// <exception cref="ArgumentException">Counts or labels do not fit together.</exception>
    public ImageSet Relabelled(int[] labels, int classCount, IReadOnlyList<string>? classNames, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Length != Count)
            throw new ArgumentException(Text($"{labels.Length} labels for {Count} images."), nameof(labels));
        return _pixels is not null
            ? new(name ?? Name, _pixels, labels, Channels, Height, Width, classCount, classNames)
            : new(name ?? Name, _source!, _places, labels, classCount, classNames, ReadingThreads);
    }

    /// <summary>The same set under another name. The pixels are shared, not copied.</summary>
    /// <param name="name">The new name.</param>
    public ImageSet Renamed(string name) => Relabelled(Labels, ClassCount, ClassNames, name);

    /// <summary>
    /// <paramref name="count"/> images chosen by a seed without repetition, in this set's order. Stratified: each label
    /// keeps its share of the images to within one (largest remainders first, lower labels first among equal ones).
    /// </summary>
    /// <param name="count">0 to <see cref="Count"/>.</param>
    /// <param name="seed">The same seed always chooses the same images.</param>
    /// <param name="stratified">False draws from the whole set alike.</param>
    /// <param name="name">The new set's name; this set's own if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has fewer images.</exception>
    public ImageSet Take(int count, long seed, bool stratified = true, string? name = null)
    {
        return Select(Choose(count, seed, stratified), name);
    }

    /// <summary>The images that <see cref="Take"/> leaves when it is called with the same values, in this set's order.</summary>
    /// <inheritdoc cref="Take"/>
    public ImageSet TakeRest(int count, long seed, bool stratified = true, string? name = null)
    {
        var left = new bool[Count];
        Array.Fill(left, true);
        foreach (var i in Choose(count, seed, stratified))
            left[i] = false;
        return Select(Enumerable.Range(0, Count).Where(i => left[i]).ToArray(), name);
    }

    /// <summary>The images of several sets, one set after the other. Where one of them is read from files the result is, too.</summary>
    /// <param name="name">The new set's name.</param>
    /// <param name="sets">At least one; all of one image size and with the same classes.</param>
    /// <exception cref="ArgumentException">No set, sets of different sizes or classes, or more than 2 GiB of pixels in memory.</exception>
    public static ImageSet Concat(string name, params ReadOnlySpan<ImageSet> sets)
    {
        if (sets.IsEmpty)
            throw new ArgumentException("At least one set is needed.", nameof(sets));

        var first = sets[0];
        var (count, bytes, streamed) = (0L, 0L, false);
        foreach (var set in sets)
        {
            if (!set.HasSameImageSize(first))
                throw new ArgumentException(Text($"Cannot join '{set}' to '{first}': the image sizes differ."), nameof(sets));
            if (set.ClassCount != first.ClassCount
                || (set.ClassNames is not null && first.ClassNames is not null && !set.ClassNames.SequenceEqual(first.ClassNames)))
                throw new ArgumentException(Text($"Cannot join '{set}' to '{first}': the classes differ."), nameof(sets));
            count += set.Count;
            bytes += (long)set.Count * set.ImageLength;
            streamed |= set.IsStreamed;
        }

        if (count > Array.MaxLength)
            throw new ArgumentException(Text($"{count} images are too many for one set, at most {Array.MaxLength} are possible."), nameof(sets));
        var labels = new int[count];
        var label = 0;
        foreach (var set in sets)
        {
            set.Labels.CopyTo(labels, label);
            label += set.Count;
        }

        if (streamed)
            return new ImageSet(name, new JoinedSource([.. sets]), labels, first.ClassCount, first.ClassNames, sets.ToArray().Max(set => set.ReadingThreads));
        if (bytes > Array.MaxLength)
            throw new ArgumentException(Text($"{bytes} bytes of pixels are too many for one set, at most {Array.MaxLength} are possible."), nameof(sets));
        var pixels = new byte[bytes];
        var pixel = 0;
        foreach (var set in sets)
        {
            set._pixels!.CopyTo(pixels, pixel);
            pixel += set._pixels.Length;
        }

        return new ImageSet(name, pixels, labels, first.Channels, first.Height, first.Width, first.ClassCount, first.ClassNames);
    }

    /// <summary>Whether the images of both sets have the same channels, height and width.</summary>
    /// <param name="other">The set to compare with.</param>
    public bool HasSameImageSize(ImageSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Channels, Height, Width) == (other.Channels, other.Height, other.Width);
    }

    private static int[] OodLabels(int count)
    {
        var labels = new int[count];
        Array.Fill(labels, OodLabel);
        return labels;
    }

    private ImageSet Chosen(string? name, ReadOnlySpan<int> indices, int[] labels, int classCount, IReadOnlyList<string>? classNames)
    {
        if (_pixels is not null)
            return new(name ?? Name, CopyImages(indices), labels, Channels, Height, Width, classCount, classNames);
        var places = new int[indices.Length];
        for (var i = 0; i < places.Length; i++)
            places[i] = Place(indices[i]);
        // Drawn from a part of a data set, all of them here: a set like any other in memory, with the same hash as if the rest were here.
        if (_source is PartialSource part && part.TryCopy(places) is { } pixels)
            return new(name ?? Name, pixels, labels, Channels, Height, Width, classCount, classNames);
        return new(name ?? Name, _source!, places, labels, classCount, classNames, ReadingThreads);
    }

    private byte[] CopyImages(ReadOnlySpan<int> indices)
    {
        var bytes = (long)indices.Length * ImageLength;
        if (bytes > Array.MaxLength)
            throw new ArgumentException(Text($"{bytes} bytes of pixels are too many for one set, at most {Array.MaxLength} are possible."), nameof(indices));
        var pixels = new byte[bytes];
        for (var i = 0; i < indices.Length; i++)
            Image(indices[i]).CopyTo(pixels.AsSpan(i * ImageLength, ImageLength));
        return pixels;
    }

    /// <summary>New label for each old one, −1 for classes that are not wanted.</summary>
    private int[] Renumber(IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var newLabels = OodLabels(ClassCount);
        for (var i = 0; i < classes.Count; i++)
        {
            if ((uint)classes[i] >= (uint)ClassCount)
                throw new ArgumentException(Text($"Class {classes[i]} does not exist in '{Name}', 0..{ClassCount - 1} do."), nameof(classes));
            if (newLabels[classes[i]] >= 0)
                throw new ArgumentException(Text($"Class {classes[i]} is given twice."), nameof(classes));
            newLabels[classes[i]] = i;
        }

        return newLabels;
    }

    private int[] IndicesOf(int[] newLabels)
    {
        var indices = new List<int>();
        for (var i = 0; i < Count; i++)
            if (Labels[i] >= 0 && newLabels[Labels[i]] >= 0)
                indices.Add(i);
        return [.. indices];
    }

    /// <summary>The indices of the images that <see cref="Take"/> takes.</summary>
    internal int[] Choose(int count, long seed, bool stratified)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        var order = RandomStream.For(seed, "image-set/take").Permutation(Count);
        var chosen = stratified ? TakeStratified(order, count) : order[..count];
        Array.Sort(chosen);
        return chosen;
    }

    private int[] TakeStratified(int[] order, int count)
    {
        if (count == 0)
            return [];

        // Slot 0 is for label −1, so that out-of-distribution images are a stratum like any other.
        var sizes = new long[ClassCount + 1];
        foreach (var label in Labels)
            sizes[label + 1]++;
        var quotas = new long[sizes.Length];
        for (var s = 0; s < sizes.Length; s++)
            quotas[s] = sizes[s] * count / Count;

        // Whole shares are dealt; what is left goes to the largest remainders. OrderBy keeps lower labels first.
        var left = count - (int)quotas.Sum();
        foreach (var s in Enumerable.Range(0, sizes.Length).OrderByDescending(s => sizes[s] * count % Count).Take(left))
            quotas[s]++;

        var chosen = new List<int>(count);
        foreach (var i in order)
        {
            if (quotas[Labels[i] + 1]-- > 0)
                chosen.Add(i);
        }

        return [.. chosen];
    }
}
