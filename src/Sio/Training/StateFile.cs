using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sio.Data;
using Sio.Engine;
using Sio.Nn;
using Sio.Serialization;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>
/// A safetensors file that holds where some training stands: tensors, the state as JSON in the metadata, and a digest of both, which shows damage that leaves the file
/// readable. Written whole and renamed, so that a process killed at any moment leaves either the old file or the new one.
/// </summary>
/// <typeparam name="T">The state apart from the tensors.</typeparam>
/// <param name="path">The file.</param>
/// <param name="format">Name of the kind of file, which a file to be read must have.</param>
/// <param name="isPossible">Whether a state can be that of a run; one that cannot is taken for damage.</param>
internal sealed class StateFile<T>(string path, string format, Func<T, bool> isPossible)
    where T : class
{
    private const string StateKey = "sio";
    private const string DigestKey = "sha256";

    private static readonly JsonSerializerOptions s_strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Replaces the file; its folder is made where it is missing.</summary>
    /// <param name="tensors">Contiguous tensors on the CPU.</param>
    /// <param name="state">The state.</param>
    /// <param name="more">Further metadata.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public void Save(IReadOnlyList<(string Name, Tensor Value)> tensors, T state, params ReadOnlySpan<(string Key, string Value)> more)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = format, [StateKey] = JsonSerializer.Serialize(state) };
        foreach (var (key, value) in more)
            metadata.Add(key, value);
        metadata[DigestKey] = StateFile.Digest(tensors, metadata.Where(entry => entry.Key != DigestKey));
        StateFile.Write(path, tensors, metadata);
    }

    /// <summary>Hands the content, once it has been found whole, to the caller.</summary>
    /// <returns>The state; null, and nothing handed over, when there is no file.</returns>
    /// <exception cref="DataException">The file is damaged, of another kind, or does not fit what the caller puts it into.</exception>
    public T? Load(Action<SafetensorsContent, T> use)
    {
        if (!File.Exists(path))
            return null;
        return StateFile.Read(path, content =>
        {
            var state = State(content);
            var digest = StateFile.Digest(content.Tensors.Select(entry => (entry.Key, entry.Value)), content.Metadata.Where(entry => entry.Key != DigestKey));
            if (content.Metadata.GetValueOrDefault(DigestKey) != digest)
                throw new DataException($"{path} is damaged: its {DigestKey} does not fit its content");
            use(content, state);
            return state;
        });
    }

    /// <summary>The state alone; null when there is no file.</summary>
    /// <exception cref="DataException">The file is damaged, or of another kind.</exception>
    public T? ReadState() => File.Exists(path) ? StateFile.Read(path, State) : null;

    private T State(SafetensorsContent content)
    {
        if (content.Metadata.GetValueOrDefault("format") != format || !content.Metadata.TryGetValue(StateKey, out var json))
            throw new DataException($"{path} is no checkpoint of this program (expected the format {format})");
        var state = JsonSerializer.Deserialize<T>(json, s_strict);
        return state is not null && isPossible(state) ? state : throw new DataException($"{path} is damaged: its state cannot be that of a run");
    }
}

/// <summary>What all files of weights share.</summary>
internal static class StateFile
{
    /// <summary>The metadata that has the digest of a file of weights.</summary>
    internal const string WeightsDigestKey = "sio_sha256";

    /// <summary>Writes tensors under a temporary name and renames the file; its folder is made where it is missing.</summary>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    internal static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{folder}: cannot be made ({error.Message})", error);
        }

        AtomicFile.DeleteAbandoned(path);
        AtomicFile.Write(path, stream => Safetensors.Write(stream, tensors, metadata));
    }

    /// <summary>Metadata with the digest of tensors and metadata, by which damage is seen that leaves a file readable.</summary>
    internal static Dictionary<string, string> Signed(IReadOnlyList<(string Name, Tensor Value)> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var signed = metadata.ToDictionary(StringComparer.Ordinal);
        signed[WeightsDigestKey] = Digest(tensors, signed);
        return signed;
    }

    /// <summary>Compares the digest in a file with its content. Files of earlier versions and of others have none.</summary>
    /// <exception cref="DataException">They differ.</exception>
    internal static void Check(string path, SafetensorsContent content)
    {
        if (content.Metadata.TryGetValue(WeightsDigestKey, out var digest)
            && digest != Digest(content.Tensors.Select(entry => (entry.Key, entry.Value)), content.Metadata.Where(entry => entry.Key != WeightsDigestKey)))
            throw new DataException($"{path} is damaged: its {WeightsDigestKey} does not fit its content; copy it anew, or train again");
    }

    /// <summary>Reads a file and compares its digest.</summary>
    /// <exception cref="DataException">Its digest does not fit.</exception>
    /// <exception cref="SafetensorsException">It is damaged in another way.</exception>
    internal static SafetensorsContent ReadChecked(string path)
    {
        var content = Safetensors.Read(path);
        try
        {
            Check(path, content);
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file for as long as a callback needs it.</summary>
    /// <exception cref="DataException">The file is damaged, or its content does not fit what the callback puts it into.</exception>
    internal static TResult Read<TResult>(string path, Func<SafetensorsContent, TResult> use)
    {
        try
        {
            using var content = ReadChecked(path);
            return use(content);
        }
        catch (Exception error) when (error is StateDictException or ArgumentException or ExternalException or JsonException)
        {
            throw new DataException($"{path} does not fit: {DataFile.OneLine(TorchErrors.Describe(error))}", error);
        }
        catch (SafetensorsException error)
        {
            throw new DataException(DataFile.OneLine(error.Message), error);
        }
    }

    /// <summary>The tensors whose names begin with a prefix, without it.</summary>
    internal static Dictionary<string, Tensor> Part(SafetensorsContent content, string prefix) => content.Tensors
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);

    /// <summary>SHA-256 of names, types, shapes and values, and of metadata. Safetensors has no checksum, and weights with a few other bits would go unnoticed for ever.</summary>
    internal static string Digest(IEnumerable<(string Name, Tensor Value)> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        foreach (var (name, value) in tensors.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {value.dtype} [{string.Join(",", value.shape)}]\n"));
            using var scope = NewDisposeScope();
            value.detach().cpu().contiguous().ForEachBytes(bytes => hash.AppendData(bytes));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
