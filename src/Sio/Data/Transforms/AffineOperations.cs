namespace Sio.Data.Transforms;

/// <summary>
/// Turning, shearing and shifting with bilinear interpolation, black where the image ends, as Pillow's <c>Image.rotate</c> and <c>Image.transform(AFFINE)</c> with <c>BILINEAR</c> define them:
/// the centre of each pixel of the result is sent back into the image, pixels beyond an edge repeat those at it, and values are truncated.
/// </summary>
internal static class AffineOperations
{
    /// <summary>Turns counter-clockwise around the image's centre.</summary>
    internal static void Rotate(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, double degrees)
    {
        // Rounded as Pillow does, so that the last bits of a cosine do not matter.
        double cos = Math.Round(StableMath.CosTurns(degrees / 360), 15), sin = Math.Round(StableMath.SinTurns(degrees / 360), 15);
        double x = size.Width / 2.0, y = size.Height / 2.0;
        Transform(image, result, size, new Matrix(cos, -sin, x - (cos * x) + (sin * y), sin, cos, y - (sin * x) - (cos * y)));
    }

    /// <summary>Column x of row y comes from column x + amount·y.</summary>
    internal static void ShearX(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, double amount) => Transform(image, result, size, new Matrix(1, amount, 0, 0, 1, 0));

    /// <summary>Row y of column x comes from row y + amount·x.</summary>
    internal static void ShearY(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, double amount) => Transform(image, result, size, new Matrix(1, 0, 0, amount, 1, 0));

    /// <summary>The pixel (x, y) comes from (x + right, y + down).</summary>
    internal static void Translate(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, int right, int down)
    {
        result.Clear();
        var first = Math.Clamp(-right, 0, size.Width);
        var last = Math.Clamp(size.Width - right, first, size.Width);
        for (var row = 0; row < size.Channels * size.Height; row++)
        {
            if ((uint)((row % size.Height) + down) < (uint)size.Height && first < last)
                image.Slice(((row + down) * size.Width) + first + right, last - first).CopyTo(result.Slice((row * size.Width) + first, last - first));
        }
    }

    private static void Transform(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, Matrix m)
    {
        var (height, width) = (size.Height, size.Width);
        var area = height * width;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var fromX = (m.XX * (x + 0.5)) + (m.XY * (y + 0.5)) + m.X;
                var fromY = (m.YX * (x + 0.5)) + (m.YY * (y + 0.5)) + m.Y;
                var place = (y * width) + x;
                if (!(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height))
                {
                    for (var c = 0; c < size.Channels; c++)
                        result[(c * area) + place] = 0;
                    continue;
                }

                double left = Math.Floor(fromX - 0.5), top = Math.Floor(fromY - 0.5);
                double dx = fromX - 0.5 - left, dy = fromY - 0.5 - top;
                int x0 = Math.Max((int)left, 0), x1 = Math.Min((int)left + 1, width - 1);
                int above = Math.Max((int)top, 0) * width, below = Math.Min((int)top + 1, height - 1) * width;
                for (var c = 0; c < size.Channels; c++)
                {
                    result[place] = (byte)Between(Between(image[above + x0], image[above + x1], dx), Between(image[below + x0], image[below + x1], dx), dy);
                    (place, above, below) = (place + area, above + area, below + area);
                }
            }
        }
    }

    private static double Between(double a, double b, double share) => a + ((b - a) * share);

    /// <summary>Where the pixel (x, y) comes from: (XX·x + XY·y + X, YX·x + YY·y + Y).</summary>
    private readonly record struct Matrix(double XX, double XY, double X, double YX, double YY, double Y);
}
