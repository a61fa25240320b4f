using System.Security.Cryptography;
using Sio.Data.Images;

namespace Sio.Data;

/// <summary>The images of several sets, one set after the other; sets in memory among them stay there.</summary>
internal sealed class JoinedSource : IImageSource
{
    private readonly ImageSet[] _sets;
    private readonly int[] _ends;

    /// <summary>Joins sets.</summary>
    /// <param name="sets">At least one; all of one image size.</param>
    internal JoinedSource(ImageSet[] sets)
    {
        _sets = sets;
        _ends = new int[sets.Length];
        for (var i = 0; i < sets.Length; i++)
            _ends[i] = checked((i == 0 ? 0 : _ends[i - 1]) + sets[i].Count);
        Size = new ImageSize(sets[0].Channels, sets[0].Height, sets[0].Width);
    }

    public int Count => _ends[^1];

    public ImageSize Size { get; }

    public string Identity(int index)
    {
        var (set, place) = Find(index);
        return set.IsStreamed ? set.IdentityOf(place) : $"pixels\0{Convert.ToHexStringLower(SHA256.HashData(set.Image(place)))}";
    }

    public string? Location(int index)
    {
        var (set, place) = Find(index);
        return set.LocationOf(place);
    }

    public void Read(int index, Span<byte> destination)
    {
        var (set, place) = Find(index);
        set.CopyImage(place, destination);
    }

    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        var (set, place) = Find(index);
        set.CopyCrop(place, crop, random, destination);
    }

    private (ImageSet Set, int Place) Find(int index)
    {
        // The first set that ends behind the image; sets without images end where the one before them does.
        var part = 0;
        while (index >= _ends[part])
            part++;
        return (_sets[part], index - (part == 0 ? 0 : _ends[part - 1]));
    }
}
