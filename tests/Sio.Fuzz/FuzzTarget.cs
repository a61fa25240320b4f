namespace Sio.Fuzz;

/// <summary>
/// A reader of files that come from elsewhere. A class in <c>Targets/</c> with a constructor without parameters is found by itself.
/// </summary>
internal abstract class FuzzTarget
{
    /// <summary>What <c>--target</c> calls it.</summary>
    internal abstract string Name { get; }

    /// <summary>The name of the file that is read; its ending may matter.</summary>
    internal abstract string FileName { get; }

    /// <summary>Whether files are text, which is changed by words and brackets, too.</summary>
    internal virtual bool IsText => false;

    /// <summary>The most bytes that reading a small file may take.</summary>
    internal virtual long MostBytes => 512L << 20;

    /// <summary>Whether a reader's message must name the file. Those that are given bytes cannot.</summary>
    internal virtual bool NamesFile => true;

    /// <summary>Small files that are read without a complaint.</summary>
    internal abstract IReadOnlyList<byte[]> Seeds();

    /// <summary>Reads a file as the program does.</summary>
    internal abstract void Read(string path);

    /// <summary>All targets, by name.</summary>
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. typeof(FuzzTarget).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(FuzzTarget)) && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null)
            .Select(type => (FuzzTarget)Activator.CreateInstance(type)!)
            .OrderBy(target => target.Name, StringComparer.Ordinal),
    ];

    /// <summary>Files that lie beside the program, below <c>seeds</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none: the project file copies them.</exception>
    private protected static byte[][] Files(string folder, params string[] patterns)
    {
        var place = Path.Combine(AppContext.BaseDirectory, "seeds", folder);
        byte[][] files = [.. patterns.SelectMany(pattern => Directory.GetFiles(place, pattern)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        return files.Length > 0 ? files : throw new InvalidOperationException($"{place} has no {string.Join(", ", patterns)}");
    }

    private protected static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private protected static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
