namespace Sio.Data.Transforms;

/// <summary>What can be done to an image of bytes; the unit of its amount stands beside each.</summary>
internal enum ImageOperation
{
    /// <summary>No amount.</summary>
    AutoContrast,

    /// <summary>No amount.</summary>
    Equalize,

    /// <summary>Bits that are kept, 0 to 8.</summary>
    Posterize,

    /// <summary>Degrees, counter-clockwise.</summary>
    Rotate,

    /// <summary>The threshold, 0 to 256.</summary>
    Solarize,

    /// <summary>Columns per row.</summary>
    ShearX,

    /// <summary>Rows per column.</summary>
    ShearY,

    /// <summary>Whole columns.</summary>
    TranslateX,

    /// <summary>Whole rows.</summary>
    TranslateY,

    /// <summary>The factor; 1 changes nothing, as for the three that follow.</summary>
    Color,

    /// <summary>The factor.</summary>
    Contrast,

    /// <summary>The factor.</summary>
    Brightness,

    /// <summary>The factor.</summary>
    Sharpness,

    /// <summary>No amount.</summary>
    Identity,
}

/// <summary>Does it.</summary>
internal static class ImageOperations
{
    /// <summary>Fills the result, which is other memory than the image, both channels × height × width.</summary>
    internal static void Apply(this ImageOperation operation, ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, double amount)
    {
        switch (operation)
        {
            case ImageOperation.AutoContrast:
                PointOperations.AutoContrast(image, result, size);
                break;
            case ImageOperation.Equalize:
                PointOperations.Equalize(image, result, size);
                break;
            case ImageOperation.Posterize:
                PointOperations.Posterize(image, result, (int)amount);
                break;
            case ImageOperation.Rotate:
                AffineOperations.Rotate(image, result, size, amount);
                break;
            case ImageOperation.Solarize:
                PointOperations.Solarize(image, result, amount);
                break;
            case ImageOperation.ShearX:
                AffineOperations.ShearX(image, result, size, amount);
                break;
            case ImageOperation.ShearY:
                AffineOperations.ShearY(image, result, size, amount);
                break;
            case ImageOperation.TranslateX:
                AffineOperations.Translate(image, result, size, (int)amount, 0);
                break;
            case ImageOperation.TranslateY:
                AffineOperations.Translate(image, result, size, 0, (int)amount);
                break;
            case ImageOperation.Color:
                EnhanceOperations.Color(image, result, size, (float)amount);
                break;
            case ImageOperation.Contrast:
                EnhanceOperations.Contrast(image, result, size, (float)amount);
                break;
            case ImageOperation.Brightness:
                EnhanceOperations.Brightness(image, result, (float)amount);
                break;
            case ImageOperation.Sharpness:
                EnhanceOperations.Sharpness(image, result, size, (float)amount);
                break;
            case ImageOperation.Identity:
                image.CopyTo(result);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "There is no such operation.");
        }
    }
}
