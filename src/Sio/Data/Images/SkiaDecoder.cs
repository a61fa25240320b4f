using System.Buffers;
using SkiaSharp;

namespace Sio.Data.Images;

/// <summary>
/// A file's content in the hands of SkiaSharp. Values come as they are stored: Skia converts colours only where it is given a colour space
/// to convert to, and it gets none
/// here, so embedded profiles and gamma change nothing, as in PIL.
/// </summary>
internal sealed unsafe class SkiaDecoder : IDisposable
{
    /// <summary>Rows are decoded into a buffer of this size, small enough to stay in the processor's cache until they are packed.</summary>
    private const int StripBytes = 1 << 17;

    /// <summary>
    /// Columns that are decoded beside a part and dropped. At the edges of what is decoded chroma is interpolated from one side only, which
    /// changes one column.
    /// </summary>
    private const int Margin = 8;

    private readonly SKData _data;
    private readonly SKCodec _codec;
    private readonly string _kind, _source;
    private MemoryHandle _pin;

    private SkiaDecoder(MemoryHandle pin, SKData data, SKCodec codec, string kind, string source)
    {
        (_pin, _data, _codec, _kind, _source) = (pin, data, codec, kind, source);
        (Width, Height) = (codec.Info.Width, codec.Info.Height);
        IsGrey = codec.Info.ColorType == SKColorType.Gray8;
    }

    /// <summary>Pixels per row.</summary>
    internal int Width { get; }

    /// <summary>Rows.</summary>
    internal int Height { get; }

    /// <summary>Whether the picture can be decoded to one byte per pixel.</summary>
    internal bool IsGrey { get; }

    /// <summary>Reads a file's header.</summary>
    /// <param name="file">The content; not copied, and held in place until the decoder is disposed of.</param>
    /// <param name="kind">The format's name, for messages.</param>
    /// <param name="source">The file's name, for messages.</param>
    /// <exception cref="DataException">
    /// The header is damaged, the picture is too large, or SkiaSharp has no native library on this machine.
    /// </exception>
    internal static SkiaDecoder Open(ReadOnlyMemory<byte> file, string kind, string source)
    {
        var pin = file.Pin();
        SKData? data = null;
        SkiaDecoder? decoder = null;
        try
        {
            data = SKData.Create((nint)pin.Pointer, file.Length);
            if (SKCodec.Create(data) is not { } codec)
                throw Damaged(kind, source, "its header is damaged or of a kind that is not read");
            decoder = new SkiaDecoder(pin, data, codec, kind, source);
            ImageFile.CheckSize(decoder.Width, decoder.Height, source);
            return decoder;
        }
        catch (Exception e)
        {
            if (decoder is null)
            {
                data?.Dispose();
                pin.Dispose();
            }

            decoder?.Dispose();
            if (SkiaLibrary.IsMissing(e))
                throw SkiaLibrary.Missing(source, e);
            throw;
        }
    }

    /// <summary>Decodes all of a grey picture, a byte per pixel.</summary>
    /// <exception cref="DataException">The content is truncated or damaged.</exception>
    internal byte[] Grey()
    {
        var pixels = GC.AllocateUninitializedArray<byte>(Width * Height);
        GetPixels(SKColorType.Gray8, pixels);
        return pixels;
    }

    /// <summary>Decodes all of a picture and packs it.</summary>
    /// <param name="channels">3 for RGB; 1 for red alone, of pictures that are grey and have alpha.</param>
    /// <param name="change">What is done to the RGBA values before; null for nothing.</param>
    /// <exception cref="DataException">The content is truncated or damaged.</exception>
    internal byte[] Colours(int channels = 3, Action<Span<byte>>? change = null)
    {
        var length = Width * Height * 4; // below 2^30: no picture has more than ImageFile.MaxPixels
        var rgba = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var pixels = rgba.AsSpan(0, length);
            GetPixels(SKColorType.Rgba8888, pixels);
            change?.Invoke(pixels);
            var packed = GC.AllocateUninitializedArray<byte>(Width * Height * channels);
            PixelPacking.Pack(pixels, packed, channels);
            return packed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    /// <summary>Decodes a part, row by row: for formats that are stored so (JPEG).</summary>
    /// <param name="box">The part, within the picture.</param>
    /// <returns>H×W×C: one channel where the picture is grey, else three.</returns>
    /// <exception cref="DataException">The content is truncated or damaged.</exception>
    internal byte[] Part(CropBox box)
    {
        var (stored, channels) = IsGrey ? (1, 1) : (4, 3);
        var left = Math.Max(0, box.Left - Margin);
        var right = Math.Min(Width, box.Left + box.Width + Margin);
        var (rowBytes, skipped) = ((right - left) * stored, (box.Left - left) * stored);
        var options = left == 0 && right == Width ? SKCodecOptions.Default : new SKCodecOptions(new SKRectI(left, 0, right, Height));
        Check(_codec.StartScanlineDecode(Info(IsGrey ? SKColorType.Gray8 : SKColorType.Rgba8888), options));
        if (box.Top > 0 && !_codec.SkipScanlines(box.Top))
            Check(SKCodecResult.IncompleteInput);

        var strip = Math.Clamp(StripBytes / rowBytes, 1, box.Height);
        var buffer = ArrayPool<byte>.Shared.Rent(strip * rowBytes);
        var packed = GC.AllocateUninitializedArray<byte>(box.Width * box.Height * channels);
        try
        {
            fixed (byte* rows = buffer)
            {
                for (var y = 0; y < box.Height; y += strip)
                {
                    var count = Math.Min(strip, box.Height - y);
                    if (_codec.GetScanlines((nint)rows, count, rowBytes) < count)
                        Check(SKCodecResult.IncompleteInput);
                    for (var i = 0; i < count; i++)
                    {
                        var row = buffer.AsSpan((i * rowBytes) + skipped, box.Width * stored);
                        var to = packed.AsSpan((y + i) * box.Width * channels, box.Width * channels);
                        if (IsGrey)
                            row.CopyTo(to);
                        else
                            PixelPacking.Pack(row, to, 3);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return packed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
        _pin.Dispose();
    }

    /// <summary>The one wording for content that cannot be decoded.</summary>
    internal static DataException Damaged(string kind, string source, string because) =>
        new($"{source}: is not a complete, undamaged {kind} file ({because}).");

    private void GetPixels(SKColorType type, Span<byte> pixels)
    {
        fixed (byte* to = pixels)
            Check(_codec.GetPixels(Info(type), (nint)to));
    }

    // Not premultiplied: the colours of transparent pixels are wanted as they are stored.
    private SKImageInfo Info(SKColorType type) =>
        new(Width, Height, type, type == SKColorType.Gray8 ? SKAlphaType.Opaque : SKAlphaType.Unpremul);

    private void Check(SKCodecResult result)
    {
        if (result != SKCodecResult.Success)
        {
            throw Damaged(_kind, _source, result switch
            {
                SKCodecResult.IncompleteInput => "its data end before the picture does",
                SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "its data are damaged",
                _ => $"SkiaSharp says {result}",
            });
        }
    }
}
