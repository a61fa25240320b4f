using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>A set whose files hold pixels, not pictures: it is read as a whole.</summary>
public abstract class PixelSetReader : ImageSetReader
{
    /// <inheritdoc/>
    public sealed override ImageSet Load(string folder, string split, SetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Prepared(Read(folder, split), request);
    }

    /// <summary>Reads a split with all its classes.</summary>
    private protected abstract ImageSet Read(string folder, string split);

    /// <summary>What is asked for of a split that was read with all its classes.</summary>
    private protected static ImageSet Prepared(ImageSet set, SetRequest request)
    {
        set = request.Part switch
        {
            ClassPart.Known => set.KeepClasses(request.Wanted(set.ClassCount), request.Name),
            ClassPart.HeldOut => set.HoldOutClasses(request.Wanted(set.ClassCount), request.Name),
            _ => set.Renamed(request.Name),
        };
        return request.Preparation is { } preparation ? ResizedSets.Bring(set, preparation, tell: request.Tell) : set;
    }
}
