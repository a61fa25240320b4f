using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>A set whose files hold pixels, not pictures: it is read as a whole.</summary>
public abstract class PixelSetReader : ImageSetReader
{
    /// <inheritdoc/>
    public sealed override ImageSet Load(string folder, string split, SetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var set = Read(folder, split);
        set = request.Part switch
        {
            ClassPart.Known => set.KeepClasses(request.Wanted(set.ClassCount), request.Name),
            ClassPart.HeldOut => set.HoldOutClasses(request.Wanted(set.ClassCount), request.Name),
            _ => set.Renamed(request.Name),
        };
        return request.Preparation is { } preparation ? ResizedSets.Bring(set, preparation, tell: request.Tell) : set;
    }

    /// <summary>Reads a split with all its classes.</summary>
    private protected abstract ImageSet Read(string folder, string split);
}
