using Sio.Data;
using Sio.Data.Images;

namespace Sio.Experiments.Inspection;

/// <summary>The images of a contact sheet at a size at which a sheet of a hundred classes can still be opened.</summary>
internal static class SheetImages
{
    private const int Largest = 128, Reduced = 64;

    /// <summary>The same rows; images larger than 128 pixels are shrunk to 64 on the longer side.</summary>
    /// <param name="rows">As <see cref="ContactSheet.Compose"/> takes them; all of one size, with 1 or 3 channels.</param>
    internal static IReadOnlyList<IReadOnlyList<(ImageSet Set, int Index)>> Of(IReadOnlyList<IReadOnlyList<(ImageSet Set, int Index)>> rows)
    {
        var first = rows.FirstOrDefault(row => row.Count > 0)?[0].Set;
        return first is null || Math.Max(first.Height, first.Width) <= Largest ? rows
            : [.. rows.Select(row => row.Select(cell => cell.Index < 0 ? (Small(cell.Set, 0), -1) : (Small(cell.Set, cell.Index), 0)).ToArray())];
    }

    private static ImageSet Small(ImageSet set, int index)
    {
        var longer = Math.Max(set.Height, set.Width);
        var (width, height) = (Math.Max(1, set.Width * Reduced / longer), Math.Max(1, set.Height * Reduced / longer));
        var small = Resampler.Resize(ToPicture(set, index), width, height, Resampling.Bilinear);
        var pixels = new byte[small.Pixels.Length];
        for (var i = 0; i < width * height; i++)
        {
            for (var c = 0; c < set.Channels; c++)
                pixels[(c * width * height) + i] = small.Pixels[(i * set.Channels) + c];
        }

        return new ImageSet(set.Name, pixels, [ImageSet.OodLabel], set.Channels, height, width, 0);
    }

    private static Picture ToPicture(ImageSet set, int index)
    {
        var image = set.Image(index);
        var area = set.Height * set.Width;
        var pixels = new byte[image.Length];
        for (var i = 0; i < area; i++)
        {
            for (var c = 0; c < set.Channels; c++)
                pixels[(i * set.Channels) + c] = image[(c * area) + i];
        }

        return new Picture(set.Width, set.Height, set.Channels, pixels);
    }
}
