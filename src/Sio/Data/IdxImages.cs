namespace Sio.Data;

/// <summary>The images of an IDX3 file.</summary>
/// <param name="Pixels">0 to 255, image by image, row by row: Count × Height × Width.</param>
/// <param name="Count">The number of images.</param>
/// <param name="Height">Rows per image.</param>
/// <param name="Width">Pixels per row.</param>
public sealed record IdxImages(byte[] Pixels, int Count, int Height, int Width);
