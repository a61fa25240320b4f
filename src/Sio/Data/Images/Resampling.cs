namespace Sio.Data.Images;

/// <summary>How a picture's size is changed.</summary>
public enum Resampling
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>A triangle of one pixel to each side, stretched when the picture shrinks.</summary>
    Bilinear,

    /// <summary>Keys's cubic with a = −0.5 of two pixels to each side, stretched when the picture shrinks.</summary>
    Bicubic,
}
