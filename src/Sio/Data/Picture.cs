namespace Sio.Data;

/// <summary>One picture as programs show it: rows of pixels with their channels beside each other. (Image sets keep channels apart.)</summary>
public sealed class Picture
{
    /// <summary>Makes a picture of an array that the caller hands over.</summary>
    /// <param name="width">Pixels per row, ≥ 1.</param>
    /// <param name="height">Rows, ≥ 1.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="pixels">0 to 255; H×W×C.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or there are neither 1 nor 3 channels.</exception>
    public Picture(int width, int height, int channels, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "1 or 3 channels are possible.");
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != (Int128)width * height * channels)
            throw new ArgumentException(ImageSet.Text($"{pixels.Length} values are not {height}×{width}×{channels}."), nameof(pixels));
        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 for grey, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>0 to 255; H×W×C.</summary>
    public byte[] Pixels { get; }
}
