using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>Writes what a filter keeps of a synthetic set, in the form and with the labels of the source, and says where it came from.</summary>
public static class FilteredSet
{
    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Refuses a place that holds something already, before any work is done.</summary>
    /// <param name="path">An <c>.npz</c> to make, or a folder.</param>
    /// <exception cref="DataException">There is a file, or a folder with a set.</exception>
    public static void Refuse(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var there = File.Exists(path) || File.Exists(Path.Combine(path, "images.npy")) || (IsArchive(path) && Directory.Exists(path));
        if (there)
            throw new DataException($"{path} is there already: choose another place for the filtered set");
    }

    /// <summary>
    /// Writes <c>images.npy</c>, <c>labels.npy</c> and <c>provenance.json</c> into a folder; or, where the path ends in <c>.npz</c>, one archive with the arrays
    /// and <c>NAME.provenance.json</c> beside it.
    /// </summary>
    /// <param name="path">The place; its parent folder is made where it is missing.</param>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="filter">What is kept.</param>
    /// <returns>What the filter did.</returns>
    /// <exception cref="DataException">The place is taken or cannot be written, or a class would be left without images.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static FilterCounts Write(string path, Inspection inspection, InspectionFilter filter)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        ArgumentNullException.ThrowIfNull(filter);
        Refuse(path);
        var (kept, counts) = filter.Choose(inspection);
        var set = inspection.Stored.Select(kept);
        var images = NpyArray.Create(ChannelsLast(set), set.Count, set.Height, set.Width, set.Channels);
        var labels = NpyArray.Create(Array.ConvertAll(set.Labels, label => (long)label));
        var provenance = JsonSerializer.Serialize(Provenance(inspection, filter, counts, set), Json) + "\n";

        // The provenance last, images before labels: a folder that a kill left half written has no labels and is no set.
        if (IsArchive(path))
        {
            RunFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Npz.Write(path, ("images", images), ("labels", labels));
            AtomicFile.WriteAllText(ProvenancePath(path), provenance);
        }
        else
        {
            RunFolder.Create(path);
            Npy.Write(Path.Combine(path, "images.npy"), images);
            Npy.Write(Path.Combine(path, "labels.npy"), labels);
            AtomicFile.WriteAllText(ProvenancePath(path), provenance);
        }

        return counts;
    }

    private static bool IsArchive(string path) => path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);

    private static string ProvenancePath(string set) => IsArchive(set) ? Path.ChangeExtension(set, ".provenance.json") : Path.Combine(set, "provenance.json");

    // What the source says of itself, word for word. Where it is no JSON there is nothing to be said: the hash still tells which images these were.
    private static JsonElement? SourceProvenance(string source)
    {
        try
        {
            return File.Exists(ProvenancePath(source)) ? JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(ProvenancePath(source))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object Provenance(Inspection inspection, InspectionFilter filter, FilterCounts counts, ImageSet set)
    {
        var results = inspection.Results;
        return new
        {
            MadeBy = "sio generate inspect",
            Source = results.Set.Source,
            SourceSha256 = inspection.Stored.ContentHash,
            SourceImages = counts.Images,
            SourceProvenance = SourceProvenance(results.Set.Source),
            results.Classifier,
            ClassifierAccuracy = results.RealOnHeldOut.Overall,
            TrainingSha256 = results.Training.Sha256,
            Filters = new
            {
                filter.KeepAgreeing,
                filter.DropCopies,
                CopyQuantile = filter.DropCopies ? results.CopyQuantile : (double?)null,
                CopyThreshold = filter.DropCopies ? results.CopyThreshold : (double?)null,
                filter.QualityTop,
                Quality = filter.QualityTop is null ? null : filter.Quality.ToString().ToLowerInvariant(),
            },
            DroppedDisagreeing = counts.Disagreeing,
            DroppedCopies = counts.Copies,
            DroppedWorse = counts.Worse,
            Images = counts.Kept,
            results.Classes,
            counts.PerClass,
            Sha256 = set.ContentHash,
        };
    }

    private static byte[] ChannelsLast(ImageSet set)
    {
        var (area, channels) = (set.Height * set.Width, set.Channels);
        var pixels = set.PixelsFor("writing a filtered set");
        if (channels == 1)
            return pixels;
        var result = new byte[pixels.Length];
        for (var image = 0; image < set.Count; image++)
        {
            var (start, from) = (image * set.ImageLength, image * set.ImageLength);
            for (var c = 0; c < channels; c++)
                for (var i = 0; i < area; i++)
                    result[start + (i * channels) + c] = pixels[from++];
        }

        return result;
    }
}
