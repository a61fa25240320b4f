using Sio.Fuzz.Mutation;

namespace Sio.Fuzz.Targets;

/// <summary>
/// A reader of files that users or other programs wrote. Each has a file of its own and a <see cref="CatalogEntryAttribute"/>, by which it is
/// found. For whatever input it must come back or throw an error that the command line shows as the user's: one line that names the file.
/// </summary>
internal abstract class FuzzTarget
{
    /// <summary>All targets but the planted faults, by name.</summary>
    internal static IEnumerable<FuzzTarget> All() => Catalog<FuzzTarget>.Names.Select(name => Catalog<FuzzTarget>.Create(name)).Where(target => !target.IsPlanted);

    /// <summary>Its name on the command line.</summary>
    internal string Name => Catalog<FuzzTarget>.NameOf(this);

    /// <summary>Whether an input takes milliseconds, so that a run of all targets gives it a tenth of the inputs.</summary>
    internal virtual bool IsDear => false;

    /// <summary>Whether tensors are made; their count is compared then, which loads LibTorch.</summary>
    internal virtual bool MakesTensors => false;

    /// <summary>Whether native code reads, which a spoilt file may end: it runs in a process of its own, asked for or not.</summary>
    internal virtual bool IsNative => false;

    /// <summary>Whether the library calls it with bytes, so that its messages cannot name a file.</summary>
    internal virtual bool HasNoFile => false;

    /// <summary>Whether it is a fault that was planted to try the oracle, and is left out where all targets run.</summary>
    internal virtual bool IsPlanted => false;

    /// <summary>Bytes that reading a file may take beyond the usual limit, where the format lets few bytes stand for many.</summary>
    internal virtual long MoreBytes => 0;

    /// <summary>Exceptions that the reader documents beside those that the command line knows.</summary>
    internal virtual IReadOnlyList<Type> Documented => [];

    /// <summary>Ways to spoil its files, each as likely as the others.</summary>
    internal virtual IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary];

    /// <summary>Valid files, small ones.</summary>
    internal abstract IEnumerable<Seed> Seeds();

    /// <summary>Writes what stands beside the file that is spoilt.</summary>
    /// <param name="folder">A folder of the target's own.</param>
    internal virtual void Prepare(string folder)
    {
    }

    /// <summary>Reads a file, and does with it what follows in the program as far as the file decides what happens.</summary>
    /// <param name="path">The file, in the folder.</param>
    internal abstract void Read(string path);
}

/// <summary>A file to begin with.</summary>
/// <param name="File">Its name in the target's folder, which may say what is in it.</param>
/// <param name="Bytes">Its content.</param>
/// <param name="IsValid">Whether it must be read without an error.</param>
internal sealed record Seed(string File, byte[] Bytes, bool IsValid = true);
