namespace Sio.Data;

/// <summary>Opening and reading input files so that every failure becomes a <see cref="DataException"/>.</summary>
internal static class DataFile
{
    /// <summary>Deflate cannot expand by more than this; a larger claim is a lie, found before anything is allocated.</summary>
    public const long MaxDeflateRatio = 1032;

    /// <summary>Opens <paramref name="path"/> and parses it; operating system errors become one clear line.</summary>
    public static T Read<T>(string path, Func<Stream, T> parse)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = InputFile.Open(path);
            return parse(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{path}: not found, a file was expected here.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataException(
                Directory.Exists(path) ? $"{path}: is a folder, a file was expected." : $"{path}: may not be read.", e);
        }
        catch (IOException e)
        {
            throw new DataException($"{path}: cannot be read ({OneLine(e.Message)}).", e);
        }
    }

    /// <summary>Does something with a part of a file, such as a path that a line of it names: what is wrong with the part is told with the file's name.</summary>
    public static T Within<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DataException e)
        {
            throw new DataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The stream itself if its length is known, else its content in memory: sizes in headers are checked against the
    /// bytes that are really there before anything of that size is allocated.
    /// </summary>
    public static Stream WithKnownLength(Stream stream, string name)
    {
        if (stream.CanSeek)
            return stream;
        try
        {
            var memory = new MemoryStream();
            stream.CopyTo(memory);
            memory.Position = 0;
            return memory;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new DataException($"{name}: cannot be read ({OneLine(e.Message)}).", e);
        }
    }

    /// <summary>Fills the buffer or says that the file is truncated.</summary>
    public static void ReadExactly(Stream stream, Span<byte> buffer, string name, string what)
    {
        var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read < buffer.Length)
            throw new DataException($"{name}: truncated, {buffer.Length} bytes of {what} expected, {read} found.");
    }

    /// <summary>A message of the system or of a decoder, to be quoted within a sentence.</summary>
    public static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>A message that may quote what a damaged file holds: no line break or escape sequence of it reaches a terminal.</summary>
    public static string WithoutControls(string message) => string.Create(message.Length, message, (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
            line[i] = char.IsControl(text[i]) ? '?' : text[i];
    });

    /// <summary>Text from a file, to be quoted: damaged files can hold very long names.</summary>
    public static string Quote(ReadOnlySpan<char> text) => text.Length <= 60 ? $"'{text}'" : $"'{text[..60]}…'";
}
