using System.IO.Compression;

namespace Sio.Fuzz.Mutation;

/// <summary>
/// Files of a zip archive, with sums and directory made anew, so that what reads the files is reached: one spoilt, left out, twice, under
/// another name, or packed the other way.
/// </summary>
/// <param name="content">What spoils a file, by its name.</param>
internal sealed class ZipMembers(Func<string, Mutator> content) : Mutator
{
    private const long MostBytes = 1 << 22;

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        try
        {
            var members = Read(input);
            return members.Count > 0 ? Write(Change(members, draw)) : input;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            // Spoilt already.
            return input;
        }
    }

    private static List<Member> Read(byte[] input)
    {
        using var archive = new ZipArchive(new MemoryStream(input), ZipArchiveMode.Read);
        return archive.Entries.Sum(entry => Math.Min(entry.Length, MostBytes)) > MostBytes ? [] : [.. archive.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return new Member(entry.FullName, bytes.ToArray(), entry.CompressedLength == entry.Length, entry.ExternalAttributes);
        })];
    }

    private static byte[] Write(List<Member> members)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var member in members)
            {
                var entry = archive.CreateEntry(member.Name, member.IsStored ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                entry.ExternalAttributes = member.Attributes;
                using var stream = entry.Open();
                stream.Write(member.Bytes);
            }
        }

        return bytes.ToArray();
    }

    private List<Member> Change(List<Member> members, Draw draw)
    {
        var at = draw.Int(members.Count);
        var member = members[at];
        switch (draw.Int(12))
        {
            case 0: members.RemoveAt(at); break;
            case 1: members.Insert(draw.Int(members.Count), member); break;
            case 2: members[at] = member with { Name = draw.Pick(members).Name }; break;
            case 3: members[at] = member with { Name = Other(member.Name, draw) }; break;
            case 4: members[at] = member with { IsStored = !member.IsStored }; break;
            case 5: members[at] = member with { Bytes = draw.Pick(members).Bytes }; break;
            case 6: members[at] = member with { Attributes = draw.Pick([0, -1, 0xA000 << 16, 0x4000 << 16, 0x1000 << 16]) }; break;
            default: members[at] = member with { Bytes = content(member.Name).Mutate(member.Bytes, draw) }; break;
        }

        return members;
    }

    private static string Other(string name, Draw draw) => draw.Int(4) switch
    {
        0 => draw.Pick(Values.Words) + name,
        1 => name + draw.Pick(Values.Characters),
        2 => name.Replace('/', '\\'),
        _ => new string('n', draw.Pick([255, 256, 3000, 65000])) + name,
    };

    private sealed record Member(string Name, byte[] Bytes, bool IsStored, int Attributes);
}
