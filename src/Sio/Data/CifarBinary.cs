namespace Sio.Data;

/// <summary>
/// CIFAR's binary version: files of records without a header, each one or two label bytes and then 1,024 bytes of red, of green and of blue, row by row.
/// </summary>
internal static class CifarBinary
{
    internal const int Side = 32, Channels = 3, PixelBytes = Channels * Side * Side;

    /// <exception cref="DataException">A file is truncated, or has a label beyond the classes.</exception>
    internal static ImageSet Read(IReadOnlyList<CifarFile> files, CifarLayout layout)
    {
        var record = layout.LabelBytes + PixelBytes;
        foreach (var (file, bytes) in files)
        {
            if (bytes.Length == 0 || bytes.Length % record != 0)
                throw new DataException($"{file}: {bytes.Length} bytes, expected a whole number of records of {record} bytes: it is truncated, or no file of this kind");
        }

        var count = files.Sum(file => file.Bytes.Length / record);
        var (pixels, labels) = (GC.AllocateUninitializedArray<byte>(checked(count * PixelBytes)), new int[count]);
        var image = 0;
        foreach (var (file, bytes) in files)
        {
            for (var start = 0; start < bytes.Length; start += record, image++)
            {
                labels[image] = bytes[start + layout.LabelBytes - 1];
                if (labels[image] >= layout.Classes)
                    throw new DataException($"{file}: record {start / record} has the label {labels[image]}, expected 0 to {layout.Classes - 1}");
                bytes.AsSpan(start + layout.LabelBytes, PixelBytes).CopyTo(pixels.AsSpan(image * PixelBytes));
            }
        }

        return new ImageSet(layout.Name, pixels, labels, Channels, Side, Side, layout.Classes, layout.ClassNames);
    }
}
