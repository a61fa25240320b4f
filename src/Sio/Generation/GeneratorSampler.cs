using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// Makes the images of a set, or a piece of it. Image i of a set belongs to class i mod K and is that class's number ⌊i / K⌋, so a larger set begins with a smaller one. Images are
/// always made in the same batches, which begin at multiples of <see cref="GeneratorModel.SampleBatch"/>: an image has the same bytes, on the same LibTorch and thread
/// count, however the set is cut into pieces.
/// </summary>
/// <param name="model">The generator.</param>
/// <param name="seed">Seed of the set.</param>
/// <param name="device">Where the generator's weights are.</param>
public sealed class GeneratorSampler(GeneratorModel model, long seed, Device device)
{
    /// <summary>Class of an image of a set.</summary>
    public static int ClassOf(long index, int classes) => (int)(index % classes);

    /// <summary>Makes images.</summary>
    /// <param name="from">The first one's place in the set.</param>
    /// <param name="count">How many.</param>
    /// <param name="progress">Is told how many are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>The images (N×C×H×W) with their classes as labels.</returns>
    /// <exception cref="DataException">The generator gives values that are no numbers, or there would be more than an array can hold.</exception>
    public ImageSet Sample(long from, int count, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var shape = model.Shape;
        var length = shape.Channels * shape.Height * shape.Width;
        if ((long)count * length > Array.MaxLength)
            throw new DataException($"{count} images of {length} values are more than one set in memory can hold, at most {Array.MaxLength / length}: make the set in pieces");
        var pixels = new byte[count * length];
        model.Released.eval();
        try
        {
            for (var start = from - (from % model.SampleBatch); start < from + count; start += model.SampleBatch)
            {
                cancellation.ThrowIfCancellationRequested();
                var made = Batch(start);
                var first = Math.Max(start, from);
                var end = Math.Min(start + model.SampleBatch, from + count);
                made.AsSpan((int)(first - start) * length, (int)(end - first) * length).CopyTo(pixels.AsSpan((int)(first - from) * length));
                progress?.Invoke((int)(end - from));
            }
        }
        finally
        {
            model.Released.train();
        }

        return new ImageSet(
            "samples", pixels, [.. Enumerable.Range(0, count).Select(i => ClassOf(from + i, shape.Classes))], shape.Channels, shape.Height, shape.Width, shape.Classes);
    }

    private byte[] Batch(long start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var images = Enumerable.Range(0, model.SampleBatch)
            .Select(i => (Class: ClassOf(start + i, model.Shape.Classes), Number: checked((int)((start + i) / model.Shape.Classes)))).ToArray();
        var labels = torch.tensor(((long[])[.. images.Select(image => (long)image.Class)])).to(device);
        var made = model.Sample(labels, new SampleNoise(seed, images, device));
        if (made.isfinite().all().ToDouble() == 0)
            throw new DataException("the generator gives values that are NaN or infinite: its weights are of no use");
        return ((made + 1) * 127.5).round().clamp(0, 255).to(ScalarType.Byte).ToArray<byte>();
    }
}
