using Sio.Serialization;

namespace Sio.Data;

/// <summary>
/// CIFAR's Python version: pickled dictionaries with the array <c>data</c>, uint8 (N, 3072), red, green and blue row by row, and a list of labels. Read by a machine
/// that knows arrays and lists only (<see cref="NumpyPickle"/>): nothing in a file is executed.
/// </summary>
internal static class CifarPython
{
    /// <exception cref="DataException">A file is damaged, holds something else, or asks for more than data.</exception>
    internal static ImageSet Read(IReadOnlyList<CifarFile> files, CifarLayout layout)
    {
        var parts = files.Select(file => ReadFile(file, layout)).ToArray();
        var pixels = GC.AllocateUninitializedArray<byte>(checked(parts.Sum(part => part.Labels.Length) * CifarBinary.PixelBytes));
        var at = 0;
        foreach (var (bytes, _) in parts)
        {
            bytes.CopyTo(pixels.AsMemory(at));
            at += bytes.Length;
        }

        return new ImageSet(
            layout.Name, pixels, [.. parts.SelectMany(part => part.Labels)], CifarBinary.Channels, CifarBinary.Side, CifarBinary.Side, layout.Classes, layout.ClassNames);
    }

    private static (ReadOnlyMemory<byte> Pixels, int[] Labels) ReadFile(CifarFile file, CifarLayout layout)
    {
        try
        {
            var pickle = NumpyPickle.Read(file.Bytes);
            var data = pickle.Array("data");
            var labels = pickle.Integers(layout.LabelKey);
            if (data.Type != "|u1" || data.ColumnMajor || data.Shape is not [var count, CifarBinary.PixelBytes])
                throw new InvalidDataException($"'data' is {data.Type} ({string.Join(", ", data.Shape)}), |u1 (N, {CifarBinary.PixelBytes}) was expected, row by row");
            if (labels.Length != count)
                throw new InvalidDataException($"there are {labels.Length} labels for {count} images");
            var bad = Array.FindIndex(labels, label => label < 0 || label >= layout.Classes);
            if (bad >= 0)
                throw new InvalidDataException($"image {bad} has the label {labels[bad]}, 0 to {layout.Classes - 1} was expected");
            return (data.Bytes, Array.ConvertAll(labels, label => (int)label));
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{file.Name}: is no batch of CIFAR's Python version: {DataFile.OneLine(error.Message)}", error);
        }
    }
}
