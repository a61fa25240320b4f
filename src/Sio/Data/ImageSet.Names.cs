namespace Sio.Data;

/// <content>Names.</content>
public sealed partial class ImageSet
{
    /// <summary>The same images under another name. The pixels are shared, not copied.</summary>
    /// <param name="name">The new set's name.</param>
    public ImageSet Renamed(string name) => name == Name ? this : With(name, Pixels, Labels, ClassCount, ClassNames);
}
