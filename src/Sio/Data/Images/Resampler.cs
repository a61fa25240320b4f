using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sio.Data.Images;

/// <summary>
/// Changes the size of pictures to the same bits as PIL's <c>Image.resize</c>: along the rows first, rounded to bytes, then along the columns, with a filter that widens
/// as the picture shrinks ("antialiased") and weights in fixed point.
/// </summary>
public static class Resampler
{
    private const int Half = 1 << (ResamplingWeights.Bits - 1);

    /// <summary>Resizes a picture.</summary>
    /// <param name="picture">The picture; returned as it is where it has that size.</param>
    /// <param name="width">Pixels per row afterwards, ≥ 1.</param>
    /// <param name="height">Rows afterwards, ≥ 1.</param>
    /// <param name="resampling">How.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the result would have more than <see cref="ImageFile.MaxPixels"/> pixels.</exception>
    public static Picture Resize(Picture picture, int width, int height, Resampling resampling)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, ImageFile.MaxPixels, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * picture.Height, ImageFile.MaxPixels, nameof(width)); // the size between the two passes
        if (!Enum.IsDefined(resampling))
            throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Not a way to resample.");
        if ((width, height) == (picture.Width, picture.Height))
            return picture;
        if (resampling == Resampling.Nearest)
            return Nearest(picture, width, height);

        var channels = picture.Channels;
        if (height == picture.Height)
        {
            var rows = GC.AllocateUninitializedArray<byte>(width * height * channels);
            AlongRows(picture, ResamplingWeights.Create(picture.Width, width, resampling), width, rows);
            return new Picture(width, height, channels, rows);
        }

        var result = GC.AllocateUninitializedArray<byte>(width * height * channels);
        var columns = ResamplingWeights.Create(picture.Height, height, resampling);
        if (width == picture.Width)
        {
            AlongColumns(picture.Pixels, columns, width * channels, result);
            return new Picture(width, height, channels, result);
        }

        var between = ArrayPool<byte>.Shared.Rent(width * picture.Height * channels);
        AlongRows(picture, ResamplingWeights.Create(picture.Width, width, resampling), width, between);
        AlongColumns(between, columns, width * channels, result);
        ArrayPool<byte>.Shared.Return(between);
        return new Picture(width, height, channels, result);
    }

    private static void AlongRows(Picture picture, ResamplingWeights weights, int width, Span<byte> to)
    {
        int channels = picture.Channels, fromLength = picture.Width * channels, toLength = width * channels;
        for (var y = 0; y < picture.Height; y++)
        {
            var from = picture.Pixels.AsSpan(y * fromLength);
            var row = to.Slice(y * toLength, toLength);
            // The fast way reads four bytes per pixel, which at the end of the last row would be one too many.
            if (channels == 3 && y < picture.Height - 1 && Vector128.IsHardwareAccelerated)
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
