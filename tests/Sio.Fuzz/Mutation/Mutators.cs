namespace Sio.Fuzz.Mutation;

/// <summary>The mutators by the kind of file that they are for.</summary>
internal static class Mutators
{
    /// <summary>For any file.</summary>
    internal static Mutator Binary { get; } = new AnyOf(
        new BitFlips(), new ByteValues(), new IntegerValues(), new IntegerSteps(), new Truncation(), new Extension(),
        new BlockCopy(), new BlockDeletion(), new BlockSwap(), new BlockFill(), new Splice());

    /// <summary>For lists, tables, YAML and JSON.</summary>
    internal static Mutator Text { get; } = new AnyOf(
        new Brackets(), new Lines(), new NumberValues(), new Words(), new OddCharacters(), new DeepNesting());

    /// <summary>For JSON, value by value.</summary>
    internal static Mutator Json { get; } = new AnyOf(new JsonValues(), Text);

    /// <summary>For YAML, key by key.</summary>
    internal static Mutator Yaml { get; } = new AnyOf(new YamlValues(), new YamlValues(), Text);

    /// <summary>For NumPy's arrays.</summary>
    internal static Mutator Npy { get; } = new NpyHeaders(Text);

    /// <summary>For pickles.</summary>
    internal static Mutator Pickle { get; } = new PickleOpcodes();

    /// <summary>For the files in a zip archive, each by its ending; sums and directory are made anew.</summary>
    internal static Mutator Zip { get; } = new ZipMembers(Member);

    /// <summary>For the headers and files in a tar archive; the headers' sums are made anew.</summary>
    internal static Mutator Tar { get; } = new AnyOf(new TarHeaders(), new TarContents(Member));

    /// <summary>For what is in a gzip file, whose sum is made anew.</summary>
    internal static Mutator Gzip(Mutator content) => new GzipContent(content);

    private static Mutator Member(string name) => Path.GetExtension(name) switch
    {
        ".npy" => new AnyOf(Npy, Binary),
        ".pkl" => new AnyOf(Pickle, Binary),
        ".json" => new AnyOf(Json, Binary),
        ".txt" or ".cls" => new AnyOf(Text, Binary),
        _ => Binary,
    };
}
