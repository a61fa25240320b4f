using System.Text.Json;

namespace Sio.Data.Store;

/// <summary>A file that a placed set was made of.</summary>
/// <param name="Name">Its official name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256.</param>
/// <param name="From">The address or path that it came from.</param>
/// <param name="Published">Whether it was compared with a published checksum; else its SHA-256 is that of the first download.</param>
public sealed record StoredFile(string Name, long Bytes, string Sha256, string From, bool Published);

/// <summary>What the store notes of a set beside it: that it is whole, and where it came from.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Files">What it was made of; empty where a folder was imported.</param>
/// <param name="Entries">How many files it has.</param>
/// <param name="Bytes">How many bytes they have.</param>
/// <param name="Placed">When, in UTC.</param>
/// <param name="Folder">The folder of the user's that it is linked to, or null.</param>
public sealed record StoredRecord(string Set, IReadOnlyList<StoredFile> Files, int Entries, long Bytes, DateTime Placed, string? Folder = null)
{
    private const string FileName = ".sio-data.json";
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true };

    /// <summary>Whether a folder has a record, and so was put there as a whole.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Whether a file name is one of the store's own beside the data.</summary>
    internal static bool IsOwn(string name) => name is FileName or FileManifest.FileName;

    internal void Write(string folder) => AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, s_options));

    /// <exception cref="DataException">It is missing or damaged.</exception>
    internal static StoredRecord Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return DataFile.Read(path, stream =>
        {
            try
            {
                return JsonSerializer.Deserialize<StoredRecord>(stream, s_options) is { Set: not null, Files: not null } record && record.Files.All(file => file is { Name: not null }) ? record : throw new JsonException("a key is missing");
            }
            catch (JsonException error)
            {
                throw new DataException($"{path}: is damaged ({DataFile.OneLine(error.Message)}); delete the folder and fetch the set again", error);
            }
        });
    }
}
