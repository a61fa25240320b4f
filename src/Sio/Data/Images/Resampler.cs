using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sio.Data.Images;

/// <summary>
/// Changes the size of pictures to the same bits as PIL's <c>Image.resize</c>: along the rows first, rounded to bytes, then along the columns, with a filter that widens
/// as the picture shrinks ("antialiased") and weights in fixed point.
/// </summary>
public static class Resampler
{
    private const int Half = 1 << (ResamplingWeights.Bits - 1);

    /// <summary>A pair of pixels is read as eight bytes, and may begin at the last pixel of a row.</summary>
    private const int ReadBeyond = 8;

    /// <summary>Resizes a picture.</summary>
    /// <param name="picture">The picture; returned as it is where it has that size.</param>
    /// <param name="width">Pixels per row afterwards, ≥ 1.</param>
    /// <param name="height">Rows afterwards, ≥ 1.</param>
    /// <param name="resampling">How.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the result would have more than <see cref="ImageFile.MaxPixels"/> pixels.</exception>
    public static Picture Resize(Picture picture, int width, int height, Resampling resampling)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Check(picture.Height, width, height, resampling);
        if ((width, height) == (picture.Width, picture.Height))
            return picture;
        if (resampling == Resampling.Nearest)
            return Nearest(picture, width, height);

        return Resize(
            picture, width == picture.Width ? null : ResamplingWeights.Create(picture.Width, width, resampling),
            height == picture.Height ? null : ResamplingWeights.Create(picture.Height, height, resampling));
    }

    /// <summary>Makes a part of what a picture would become. What that part does not need is neither decoded nor resized.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="channels">1 or 3: what it is made before.</param>
    /// <param name="width">Pixels per row that all of it would have, ≥ 1.</param>
    /// <param name="height">Rows that all of it would have, ≥ 1.</param>
    /// <param name="resampling">How.</param>
    /// <param name="window">The part, within that size.</param>
    /// <returns>The same as if the whole picture was resized and the part cut out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">As for the whole picture.</exception>
    /// <exception cref="DataException">The picture's file is damaged.</exception>
    internal static Picture ResizePart(StoredPicture picture, int channels, int width, int height, Resampling resampling, CropBox window)
    {
        if ((width, height) == (picture.Width, picture.Height))
            return Colours.WithChannels(picture.Part(window), channels);
        Check(picture.Height, width, height, resampling);
        if (resampling == Resampling.Nearest)
            return Cropping.Crop(Nearest(Colours.WithChannels(picture.Whole(), channels), width, height), window);

        var alongRows = width == picture.Width ? null
            : ResamplingWeights.Create(picture.Width, width, resampling, window.Left, window.Width);
        var alongColumns = height == picture.Height ? null
            : ResamplingWeights.Create(picture.Height, height, resampling, window.Top, window.Height);
        var (left, columns) = alongRows?.Input ?? (window.Left, window.Width);
        var (top, rows) = alongColumns?.Input ?? (window.Top, window.Height);
        var part = Colours.WithChannels(picture.Part(new CropBox(left, top, columns, rows)), channels);
        return Resize(part, alongRows?.FromInput(), alongColumns?.FromInput());
    }

    /// <summary>Resizes along the sides for which there are weights.</summary>
    private static Picture Resize(Picture picture, ResamplingWeights? alongRows, ResamplingWeights? alongColumns)
    {
        var channels = picture.Channels;
        var (width, height) = (alongRows?.Counts.Length ?? picture.Width, alongColumns?.Counts.Length ?? picture.Height);
        if (alongRows is null && alongColumns is null)
            return picture;
        var result = GC.AllocateUninitializedArray<byte>(width * height * channels);
        if (alongColumns is null)
        {
            AlongRows(picture, alongRows!, width, result);
            return new Picture(width, height, channels, result);
        }

        if (alongRows is null)
        {
            AlongColumns(picture.Pixels, alongColumns, width * channels, result);
            return new Picture(width, height, channels, result);
        }

        var between = ArrayPool<byte>.Shared.Rent(width * picture.Height * channels);
        AlongRows(picture, alongRows, width, between);
        AlongColumns(between, alongColumns, width * channels, result);
        ArrayPool<byte>.Shared.Return(between);
        return new Picture(width, height, channels, result);
    }

    private static void Check(int heightBefore, int width, int height, Resampling resampling)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, ImageFile.MaxPixels, nameof(width));
        // The size between the two passes.
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * heightBefore, ImageFile.MaxPixels, nameof(width));
        if (!Enum.IsDefined(resampling))
            throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Not a way to resample.");
    }

    private static void AlongRows(Picture picture, ResamplingWeights weights, int width, Span<byte> to)
    {
        int channels = picture.Channels, fromLength = picture.Width * channels, toLength = width * channels;
        for (var y = 0; y < picture.Height; y++)
        {
            var from = picture.Pixels.AsSpan(y * fromLength);
            var row = to.Slice(y * toLength, toLength);
            // The fast ways read beyond the end of a row, and write a byte beyond it that the next row overwrites.
            if (channels == 3 && from.Length >= fromLength + ReadBeyond && Avx2.IsSupported)
                ColouredRowByPairs(from, weights, to[(y * toLength)..]);
            else if (channels == 3 && from.Length >= fromLength + ReadBeyond && Vector128.IsHardwareAccelerated)
                ColouredRow(from, weights, row);
            else
                PlainRow(from, weights, channels, row);
        }
    }

    /// <summary>One pixel at a time, its three channels (and a fourth value that is not used) beside each other in a vector.</summary>
    private static void ColouredRow(ReadOnlySpan<byte> from, ResamplingWeights weights, Span<byte> to)
    {
        ref var start = ref MemoryMarshal.GetReference(from);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights.Weights);
        for (var x = 0; x < weights.Counts.Length; x++)
        {
            var sums = Vector128.Create(Half);
            ref var pixel = ref Unsafe.Add(ref start, weights.First[x] * 3);
            ref var w = ref Unsafe.Add(ref weight, x * weights.Stride);
            for (var i = 0; i < weights.Counts[x]; i++)
            {
                var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixel, i * 3))).AsByte();
                sums += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * Unsafe.Add(ref w, i);
            }

            sums = Vector128.Min(Vector128.Max(sums >> ResamplingWeights.Bits, Vector128<int>.Zero), Vector128.Create(255));
            var at = x * 3;
            (to[at], to[at + 1], to[at + 2]) = ((byte)sums[0], (byte)sums[1], (byte)sums[2]);
        }
    }

    /// <summary>
    /// Two pixels at a time, their channels beside each other (and a value after each that is not used); at the end both halves are added.
    /// </summary>
    private static void ColouredRowByPairs(ReadOnlySpan<byte> from, ResamplingWeights weights, Span<byte> to)
    {
        var spread = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 255, 255, 255, 255, 255, 255, 255, 255);
        var twice = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        ref var start = ref MemoryMarshal.GetReference(from);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights.Weights);
        ref var target = ref MemoryMarshal.GetReference(to);
        var (firsts, counts, stride) = (weights.First, weights.Counts, weights.Stride);
        for (var x = 0; x < counts.Length; x++)
        {
            var sums = Vector256<int>.Zero;
            ref var pixel = ref Unsafe.Add(ref start, firsts[x] * 3);
            ref var w = ref Unsafe.Add(ref weight, x * stride);
            for (var i = 0; i < counts[x]; i += 2)
            {
                var read = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref pixel, i * 3))).AsByte();
                var pair = Vector256.Create(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<int, byte>(ref Unsafe.Add(ref w, i)))).AsInt32();
                sums += Avx2.ConvertToVector256Int32(Vector128.Shuffle(read, spread)) * Avx2.PermuteVar8x32(pair, twice);
            }

            var sum = (sums.GetLower() + sums.GetUpper() + Vector128.Create(Half)) >> ResamplingWeights.Bits;
            var words = Sse41.PackUnsignedSaturate(sum, sum).AsInt16();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, x * 3), Sse2.PackUnsignedSaturate(words, words).AsUInt32().ToScalar());
        }
    }

    private static void PlainRow(ReadOnlySpan<byte> from, ResamplingWeights weights, int channels, Span<byte> to)
    {
        for (var x = 0; x < weights.Counts.Length; x++)
        {
            var w = weights.Weights.AsSpan(x * weights.Stride, weights.Counts[x]);
            for (var c = 0; c < channels; c++)
            {
                var sum = Half;
                for (int i = 0, at = (weights.First[x] * channels) + c; i < w.Length; i++, at += channels)
                    sum += from[at] * w[i];
                to[(x * channels) + c] = Byte(sum);
            }
        }
    }

    private static void AlongColumns(ReadOnlySpan<byte> from, ResamplingWeights weights, int length, Span<byte> to)
    {
        ref var start = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        Vector<int> most = new(255), half = new(Half);
        for (var y = 0; y < weights.Counts.Length; y++)
        {
            var w = weights.Weights.AsSpan(y * weights.Stride, weights.Counts[y]);
            var (first, out0) = (weights.First[y] * length, y * length);
            var x = 0;
            for (; x <= length - Vector<byte>.Count; x += Vector<byte>.Count)
            {
                Vector<int> a = half, b = half, c = half, d = half;
                for (var i = 0; i < w.Length; i++)
                {
                    var bytes = Unsafe.ReadUnaligned<Vector<byte>>(ref Unsafe.Add(ref start, first + (i * length) + x));
                    Vector.Widen(bytes, out var low, out var high);
                    Vector.Widen(low, out var a4, out var b4);
                    Vector.Widen(high, out var c4, out var d4);
                    var weight = new Vector<int>(w[i]);
                    a += Vector.AsVectorInt32(a4) * weight;
                    b += Vector.AsVectorInt32(b4) * weight;
                    c += Vector.AsVectorInt32(c4) * weight;
                    d += Vector.AsVectorInt32(d4) * weight;
                }

                var bytesOut = Vector.Narrow(Vector.Narrow(Clamp(a), Clamp(b)), Vector.Narrow(Clamp(c), Clamp(d)));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, out0 + x), bytesOut);
            }

            for (; x < length; x++)
            {
                var sum = Half;
                for (var i = 0; i < w.Length; i++)
                    sum += from[first + (i * length) + x] * w[i];
                to[out0 + x] = Byte(sum);
            }
        }

        Vector<uint> Clamp(Vector<int> sums) =>
            Vector.AsVectorUInt32(Vector.Min(Vector.Max(Vector.ShiftRightArithmetic(sums, ResamplingWeights.Bits), Vector<int>.Zero), most));
    }

    private static byte Byte(int sum) => (byte)Math.Clamp(sum >> ResamplingWeights.Bits, 0, 255);

    private static Picture Nearest(Picture picture, int width, int height)
    {
        var channels = picture.Channels;
        int[] columns = Places(picture.Width, width), rows = Places(picture.Height, height);
        var to = GC.AllocateUninitializedArray<byte>(width * height * channels);
        for (var y = 0; y < height; y++)
        {
            var from = picture.Pixels.AsSpan(rows[y] * picture.Width * channels);
            var row = to.AsSpan(y * width * channels);
            for (var x = 0; x < width; x++)
                for (var c = 0; c < channels; c++)
                    row[(x * channels) + c] = from[(columns[x] * channels) + c];
        }

        return new Picture(width, height, channels, to);
    }

    /// <summary>Summed up as PIL does: with a product, ties can fall to the other side.</summary>
    private static int[] Places(int inputLength, int outputLength)
    {
        var places = new int[outputLength];
        var step = (double)inputLength / outputLength;
        var position = step * 0.5;
        for (var i = 0; i < outputLength; i++, position += step)
            places[i] = Math.Min((int)position, inputLength - 1);
        return places;
    }
}
