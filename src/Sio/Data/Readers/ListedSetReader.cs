using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>A set of picture files.</summary>
public abstract class ListedSetReader : ImageSetReader
{
    /// <inheritdoc/>
    public sealed override ImageSet Load(string folder, string split, SetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ImageSets.Open(List(folder, split, request), request.Name, request.Preparation, request.Cache, tell: request.Tell, cancellation: request.Cancellation);
    }

    /// <summary>Lists a split's files, those of the classes that are asked for alone.</summary>
    private protected abstract ImageListing List(string folder, string split, SetRequest request);
}
