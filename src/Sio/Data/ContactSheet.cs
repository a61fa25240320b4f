namespace Sio.Data;

/// <summary>Many small images in one picture: a grid with a frame around each.</summary>
public static class ContactSheet
{
    private const byte Paper = 128;

    /// <summary>The first images of each class, a row per class.</summary>
    /// <param name="set">The images.</param>
    /// <param name="perClass">Images in a row, ≥ 1; a class that has fewer gives a shorter row.</param>
    public static IReadOnlyList<IReadOnlyList<(ImageSet Set, int Index)>> RowPerClass(ImageSet set, int perClass)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        var rows = new List<(ImageSet, int)>[set.ClassCount];
        for (var c = 0; c < rows.Length; c++)
            rows[c] = [];
        for (var i = 0; i < set.Count; i++)
        {
            if (set.Labels[i] >= 0 && rows[set.Labels[i]].Count < perClass)
                rows[set.Labels[i]].Add((set, i));
        }

        return rows;
    }

    /// <summary>Lays images out in a grid.</summary>
    /// <param name="rows">Images of any sets, row by row; all of one size, with 1 or 3 channels. The index −1 leaves a cell empty.</param>
    /// <param name="padding">Pixels between images and around them, ≥ 0.</param>
    /// <param name="scale">How many pixels each pixel becomes, in both directions, ≥ 1.</param>
    /// <exception cref="ArgumentException">There is no image, sizes differ, or there are other numbers of channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or the picture would have more than 2³¹ values.</exception>
    public static Picture Compose(IReadOnlyList<IReadOnlyList<(ImageSet Set, int Index)>> rows, int padding = 2, int scale = 1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        if (rows.All(row => row.Count == 0))
            throw new ArgumentException("There is no image to show.", nameof(rows));
        var first = rows.First(row => row.Count > 0)[0].Set;
        if (first.Channels is not (1 or 3))
            throw new ArgumentException(ImageSet.Text($"'{first.Name}' has images of {first.Channels} channels, 1 or 3 can be shown."), nameof(rows));
        foreach (var (set, _) in rows.SelectMany(row => row))
        {
            if (!set.HasSameImageSize(first))
                throw new ArgumentException(ImageSet.Text($"'{set}' and '{first}' cannot be shown together: the image sizes differ."), nameof(rows));
        }

        var (cellWidth, cellHeight) = ((long)(first.Width * scale) + padding, (long)(first.Height * scale) + padding);
        var (width, height) = ((rows.Max(row => row.Count) * cellWidth) + padding, (rows.Count * cellHeight) + padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((Int128)width * height * first.Channels, Array.MaxLength, nameof(rows));
        var picture = new Picture((int)width, (int)height, first.Channels, new byte[width * height * first.Channels]);
        Array.Fill(picture.Pixels, Paper);
        for (var r = 0; r < rows.Count; r++)
        {
            for (var c = 0; c < rows[r].Count; c++)
            {
                if (rows[r][c].Index >= 0)
                    Draw(rows[r][c].Set, rows[r][c].Index, picture, (int)((c * cellWidth) + padding), (int)((r * cellHeight) + padding), scale);
            }
        }

        return picture;
    }

    /// <summary>Writes a grid as a PNG file, completely or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="rows">As for <see cref="Compose"/>.</param>
    /// <param name="padding">As for <see cref="Compose"/>.</param>
    /// <param name="scale">As for <see cref="Compose"/>.</param>
    /// <exception cref="ArgumentException">As for <see cref="Compose"/>.</exception>
    /// <exception cref="DataException">SkiaSharp has no native library for this system.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<IReadOnlyList<(ImageSet Set, int Index)>> rows, int padding = 2, int scale = 1) =>
        Png.Write(path, Compose(rows, padding, scale));

    private static void Draw(ImageSet set, int index, Picture picture, int left, int top, int scale)
    {
        var image = set.Image(index);
        var area = set.Height * set.Width;
        for (var y = 0; y < set.Height * scale; y++)
        {
            var to = (((top + y) * picture.Width) + left) * picture.Channels;
            for (var x = 0; x < set.Width * scale; x++)
            {
                var from = (y / scale * set.Width) + (x / scale);
                for (var c = 0; c < set.Channels; c++)
                    picture.Pixels[to++] = image[(c * area) + from];
            }
        }
    }
}
