namespace Sio.Data.Images;

/// <summary>Which files are taken for images by the endings of their names. What a file holds is seen from its first bytes.</summary>
internal static class ImageEndings
{
    /// <summary>The endings of files that are read, for messages.</summary>
    internal const string Text = ".jpg, .jpeg, .png, .webp, .gif or .bmp";

    /// <summary>Whether a file is an image that is read.</summary>
    internal static bool IsRead(string name) => Ending(name) is ".JPG" or ".JPEG" or ".PNG" or ".WEBP" or ".GIF" or ".BMP";

    /// <summary>Whether a file is an image of a format that is not read.</summary>
    internal static bool IsOther(string name) => Ending(name) is ".TIF" or ".TIFF" or ".PPM" or ".PGM" or ".JP2" or ".AVIF" or ".HEIC";

    private static string Ending(string name) => Path.GetExtension(name).ToUpperInvariant();
}
