using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// The images of one set in a <c>.npy</c> file: float32 (N,C,H,W), normalised already, or uint8 (N,H,W,C) or (N,H,W), raw, to be normalised here as (x/255 − mean)/std.
/// Large files are mapped and go batch by batch.
/// </summary>
internal sealed class BankImageFile : IDisposable
{
    // A batch and what a network makes of it stay small, also with large images.
    private const long BatchPixels = 8L << 20;
    private const int LargestBatch = 256;

    private readonly Tensor _pixels;
    private readonly Normalization? _normalization;
    private readonly int _batchSize;

    private BankImageFile(Tensor pixels, Normalization? normalization)
    {
        (_pixels, _normalization) = (pixels.DetachFromDisposeScope(), normalization);
        Count = checked((int)pixels.size(0));
        _batchSize = (int)Math.Clamp(BatchPixels / Math.Max(pixels.numel() / Count, 1), 1, LargestBatch);
    }

    /// <summary>N.</summary>
    internal int Count { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mean">Per channel, for raw images; null where it is not known.</param>
    /// <param name="std">Per channel; null where it is not known.</param>
    /// <param name="mapFrom">Files of so many bytes and more are mapped.</param>
    /// <exception cref="DataException">The file is damaged or holds no such images, or their normalisation is not known or for another number of channels.</exception>
    internal static BankImageFile Open(string path, float[]? mean, float[]? std, long mapFrom)
    {
        var (type, shape, offset) = Npy.ReadHeader(path);
        var raw = type == NpyType.UInt8 && shape.Length is 3 or 4;
        if (!raw && !(type == NpyType.Float32 && shape.Length == 4))
        {
            throw new DataException(
                $"{path}: holds {type.ToString().ToLowerInvariant()} of shape {NpyArray.FormatShape(shape)}, expected images: float32 of shape (images, channels, height, width), normalised, or uint8 of shape (images, height, width, channels) or (images, height, width), raw");
        }

        if (raw)
            SyntheticSet.RefuseChannelsFirst(path, shape);
        if (shape.Contains(0))
            throw new DataException($"{path}: holds no images, its shape is {NpyArray.FormatShape(shape)}");
        var channels = !raw ? shape[1] : shape.Length == 3 ? 1 : shape[3];
        if (raw && (mean is null || std is null))
        {
            throw new DataException(
                $"{path}: raw uint8 images need the normalisation that the model was trained with: --mean and --std, a value per channel on the scale 0 to 1, or a {NormalizationFile.Name} beside the images");
        }

        if (std is not null && std.Length != channels)
            throw new DataException($"{path}: images of {channels} channels (shape {NpyArray.FormatShape(shape)}), the normalisation has {std.Length}");
        using var scope = NewDisposeScope();
        var pixels = offset is { } start && start % type.Size() == 0 && new FileInfo(path).Length >= mapFrom
            ? TensorMemory.Map(path, start, raw ? ScalarType.Byte : ScalarType.Float32, shape)
            : Wrap(Npy.Read(path));
        return new BankImageFile(pixels, raw ? new Normalization(mean!, std!) : null);

        Tensor Wrap(NpyArray array) => raw ? TensorMemory.Wrap(array.Elements<byte>(), shape) : TensorMemory.Wrap(array.Elements<float>(), shape);
    }

    /// <summary>Normalised images [n,C,H,W] from the first on, to be disposed by who takes them.</summary>
    internal IEnumerable<Tensor> Batches()
    {
        for (var start = 0; start < Count; start += _batchSize)
            yield return Batch(start, Math.Min(_batchSize, Count - start));
    }

    /// <summary>The first images, normalised, at most <paramref name="count"/>.</summary>
    internal Tensor First(int count) => Batch(0, Math.Min(count, Math.Min(_batchSize, Count)));

    public void Dispose() => _pixels.Dispose();

    private Tensor Batch(int start, int count)
    {
        using var scope = NewDisposeScope();
        var part = _pixels.narrow(0, start, count);
        if (_normalization is not { } normalization)
            return scope.MoveToOuter(part.clone()); // a mapped file cannot be written, and a model may work in place

        // In the order of training's own normalisation, so that the bits are the same.
        var images = (part.ndim == 3 ? part.unsqueeze(1) : part.permute(0, 3, 1, 2)).contiguous().to(ScalarType.Float32) / 255f;
        return scope.MoveToOuter((images - PerChannel(normalization.Mean)) / PerChannel(normalization.Std));
    }

    private static Tensor PerChannel(float[] values) => torch.tensor(values, [1, values.Length, 1, 1]);
}
