using System.Text.Json;

namespace Sio.Data.Store;

/// <summary>
/// A file that is being downloaded: <c>NAME.part</c>, and beside it what is needed to go on: the address, the total size, and the server's mark of this version of
/// the file (a strong ETag or the time of its last change), so that the halves of two versions are never glued together.
/// </summary>
internal sealed class PartialFile(string target)
{
    internal const string Extension = ".part";
    private const string NoteExtension = ".part-info";

    private PartialNote? _note;

    internal string Path => target + Extension;

    internal string Target => target;

    /// <summary>Bytes that are there.</summary>
    internal long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    internal PartialNote? Note => _note ??= ReadNote();

    /// <summary>Whether an earlier download from this address can go on: something is there, and it can be seen whether the file has changed since.</summary>
    /// <param name="address">The address now.</param>
    /// <param name="checkable">Whether a checksum is known, which would show a wrong gluing.</param>
    internal bool CanContinue(string address, bool checkable) =>
        Length > 0 && Note is { } note && note.Address == address && (note.Validator is not null || checkable);

    /// <summary>Begins anew.</summary>
    internal void Restart(PartialNote note)
    {
        File.Delete(Path);
        AtomicFile.WriteAllText(target + NoteExtension, JsonSerializer.Serialize(note));
        _note = note;
    }

    internal void Discard()
    {
        File.Delete(Path);
        File.Delete(target + NoteExtension);
        _note = null;
    }

    /// <summary>Gives the file its own name: it is whole.</summary>
    internal void Complete()
    {
        File.Move(Path, target, overwrite: true);
        File.Delete(target + NoteExtension);
    }

    private PartialNote? ReadNote()
    {
        try
        {
            return File.Exists(target + NoteExtension) ? JsonSerializer.Deserialize<PartialNote>(File.ReadAllBytes(target + NoteExtension)) : null;
        }
        catch (JsonException)
        {
            // Without a note the download begins anew, which is always right.
            return null;
        }
    }
}

/// <summary>What is known of a file that is being downloaded.</summary>
/// <param name="Address">Its address before any redirection.</param>
/// <param name="Validator">Its ETag, or the time of its last change as the server wrote it; null where it gave neither.</param>
/// <param name="Total">Its size, or null.</param>
internal sealed record PartialNote(string Address, string? Validator, long? Total);
