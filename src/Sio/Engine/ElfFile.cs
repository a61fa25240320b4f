using System.Buffers.Binary;
using System.Text;

namespace Sio.Engine;

/// <summary>
/// Reads what the loader of LibTorch needs to know from a 64-bit little-endian ELF file (the format of Linux's libraries), without loading it:
/// whether it is whole, its build id, where a symbol lies, and where a version requirement stands. A file may be cut off or damaged anywhere,
/// so every position is compared with the file's length before it is read.
/// </summary>
internal sealed class ElfFile
{
    private const uint Magic = 0x464C457F; // 0x7F 'E' 'L' 'F'
    private const int HeaderSize = 64, SegmentSize = 56, SectionSize = 64, SymbolSize = 24;
    private const uint SymbolTable = 2, Notes = 7, NoBits = 8, DynamicSymbols = 11, VersionNeeds = 0x6FFFFFFE;

    private readonly Stream _file;
    private readonly Section[] _sections;

    private ElfFile(Stream file, Section[] sections, bool isWhole)
    {
        _file = file;
        _sections = sections;
        IsWhole = isWhole;
    }

    /// <summary>Whether everything that the headers name lies within the file.</summary>
    internal bool IsWhole { get; }

    /// <summary>The linker's fingerprint of the file, in small hexadecimal digits; null where it has none.</summary>
    internal string? BuildId
    {
        get
        {
            foreach (var section in _sections)
            {
                if (section.Type == Notes && Find(section) is { } id)
                    return id;
            }

            return null;
        }
    }

    /// <summary>Reads the headers of a file. The stream must stay open as long as the result is used.</summary>
    /// <returns>Null where this is no 64-bit little-endian ELF file, or not even its header is whole.</returns>
    internal static ElfFile? TryRead(Stream file)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!TryReadAt(file, 0, header) || U4(header) != Magic || header[4] != 2 || header[5] != 1)
            return null;
        var whole = true;
        Span<byte> segment = stackalloc byte[SegmentSize];
        for (var i = 0; i < U2(header[56..]); i++)
        {
            whole &= TryReadAt(file, At(U8(header[32..]), U2(header[54..]), i), segment)
                && Within(file, U8(segment[8..]), U8(segment[32..]));
        }

        var sections = new List<Section>();
        Span<byte> entry = stackalloc byte[SectionSize];
        for (var i = 0; i < U2(header[60..]); i++)
        {
            if (!TryReadAt(file, At(U8(header[40..]), U2(header[58..]), i), entry))
            {
                whole = false;
                break;
            }

            var section = new Section(U4(entry[4..]), U8(entry[24..]), U8(entry[32..]), U4(entry[40..]), U4(entry[44..]));
            whole &= section.Type == NoBits || Within(file, section.Offset, section.Size);
            sections.Add(section);
        }

        return new ElfFile(file, [.. sections], whole);
    }

    /// <summary>Where in the file the flags stand of the requirement for a version of another library, e.g. <c>GLIBCXX_3.4.32</c>.</summary>
    /// <returns>Null where the file does not ask for that version.</returns>
    internal long? FindVersionRequirement(string version)
    {
        Span<byte> need = stackalloc byte[16], auxiliary = stackalloc byte[16];
        foreach (var section in _sections.Where(section => section.Type == VersionNeeds && section.Link < _sections.Length))
        {
            var strings = _sections[section.Link];
            var at = section.Offset;
            for (var left = section.Info; left > 0 && TryReadAt(_file, at, need); left--)
            {
                var inner = Sum(at, U4(need[8..]));
                for (int n = U2(need[2..]); n > 0 && TryReadAt(_file, inner, auxiliary); n--)
                {
                    if (HasText(Sum(strings.Offset, U4(auxiliary[8..])), version))
                        return inner + 4;
                    if (U4(auxiliary[12..]) == 0)
                        break;
                    inner = Sum(inner, U4(auxiliary[12..]));
                }

                if (U4(need[12..]) == 0)
                    break;
                at = Sum(at, U4(need[12..]));
            }
        }

        return null;
    }

    /// <summary>The address of a symbol relative to where the file is loaded, local symbols included.</summary>
    /// <returns>Null where there is no such symbol, or the file was stripped of it.</returns>
    internal long? FindSymbol(string name)
    {
        foreach (var table in _sections.Where(section => section.Type is SymbolTable or DynamicSymbols && section.Link < _sections.Length))
        {
            var names = TryReadAll(_sections[table.Link]);
            var symbols = TryReadAll(table);
            // Strings may share their ends, so the name is searched for, and only then the symbol that has it: half a million symbols are
            // not worth as many strings.
            var text = Encoding.ASCII.GetBytes(name + '\0');
            for (var at = names.AsSpan().IndexOf(text); at >= 0; at = NextIndexOf(names, text, at + 1))
            {
                for (var symbol = 0; symbol + SymbolSize <= symbols.Length; symbol += SymbolSize)
                {
                    if (U4(symbols.AsSpan(symbol)) == at && U2(symbols.AsSpan(symbol + 6)) != 0) // defined in a section of this file
                        return U8(symbols.AsSpan(symbol + 8));
                }
            }
        }

        return null;
    }

    private static int NextIndexOf(byte[] names, byte[] text, int start)
    {
        var next = names.AsSpan(start).IndexOf(text);
        return next < 0 ? -1 : start + next;
    }

    private string? Find(Section notes)
    {
        const uint buildId = 3;
        Span<byte> note = stackalloc byte[12];
        Span<byte> owner = stackalloc byte[4];
        var at = notes.Offset;
        while (at < Sum(notes.Offset, notes.Size) && TryReadAt(_file, at, note))
        {
            var (nameSize, size) = (U4(note), U4(note[4..]));
            var text = Sum(Sum(at, 12), Padded(nameSize));
            if (U4(note[8..]) == buildId && nameSize == 4 && size is > 0 and <= 64 && TryReadAt(_file, at + 12, owner) && owner.SequenceEqual("GNU\0"u8))
            {
                var id = new byte[size];
                return TryReadAt(_file, text, id) ? Convert.ToHexStringLower(id) : null;
            }

            at = Sum(text, Padded(size));
        }

        return null;
    }

    private bool HasText(long at, string text)
    {
        var bytes = new byte[text.Length + 1];
        return TryReadAt(_file, at, bytes) && bytes.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(text + '\0'));
    }

    private byte[] TryReadAll(Section section)
    {
        if (!Within(_file, section.Offset, section.Size) || section.Size > Array.MaxLength)
            return [];
        var bytes = new byte[section.Size];
        return TryReadAt(_file, section.Offset, bytes) ? bytes : [];
    }

    private static bool TryReadAt(Stream file, long at, Span<byte> bytes)
    {
        if (!Within(file, at, bytes.Length))
            return false;
        file.Position = at;
        file.ReadExactly(bytes);
        return true;
    }

    private static bool Within(Stream file, long at, long size) => at >= 0 && size >= 0 && at <= file.Length - size;

    private static long Padded(uint size) => (size + 3L) & ~3L;

    // A sum of what a damaged file says may not turn over into a valid position.
    private static long Sum(long left, long right) => left < 0 || right < 0 || left > long.MaxValue - right ? -1 : left + right;

    private static long At(long table, int size, int index) => Sum(table, (long)size * index);

    private static ushort U2(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U4(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long U8(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private readonly record struct Section(uint Type, long Offset, long Size, uint Link, uint Info);
}
