using System.Buffers.Binary;
using System.Text;

namespace Sio.Data;

/// <summary>
/// Compares the two descriptions that a zip archive has of each member: the one in its directory, which readers go by, and the one before the
/// member's bytes. Where they differ, two programs read two different archives; members that lie over one another make small files huge.
/// </summary>
internal static class ZipHeaders
{
    private const uint EndMark = 0x06054B50, End64Mark = 0x06064B50, Locator64Mark = 0x07064B50, DirectoryMark = 0x02014B50, LocalMark = 0x04034B50;
    private const int EndSize = 22, LocatorSize = 20, DirectorySize = 46, LocalSize = 30, MostComment = 65535, MostMembers = 1 << 20;
    private const uint In64 = 0xFFFFFFFF;

    /// <summary>Checks an archive.</summary>
    /// <param name="stream">The archive, from its beginning; it can be sought, and its position is kept.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="DataException">The descriptions differ, members overlap, a name is there twice, or the archive is damaged.</exception>
    internal static void Check(Stream stream, string source)
    {
        var position = stream.Position;
        try
        {
            var members = Directory(stream, source);
            members.Sort((a, b) => a.Offset.CompareTo(b.Offset));
            var names = new HashSet<string>(StringComparer.Ordinal);
            long end = 0;
            foreach (var member in members)
            {
                if (!names.Add(member.Name))
                    throw new DataException($"{source}: holds {DataFile.Quote(member.Name)} twice.");
                if (member.Offset < end)
                    throw new DataException($"{source}: its member {DataFile.Quote(member.Name)} lies within the one before it.");
                end = CheckLocal(stream, member, source);
            }
        }
        finally
        {
            stream.Position = position;
        }
    }

    // Where the member's bytes end.
    private static long CheckLocal(Stream stream, Member member, string source)
    {
        Span<byte> header = stackalloc byte[LocalSize];
        stream.Position = member.Offset;
        DataFile.ReadExactly(stream, header, source, "a member's header");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalMark)
            throw new DataException($"{source}: its directory says that {DataFile.Quote(member.Name)} begins at byte {member.Offset}, where no member does.");
        var name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header[26..])];
        DataFile.ReadExactly(stream, name, source, "a member's name");
        if (Text(name) is var local && local != member.Name)
            throw new DataException($"{source}: its directory has {DataFile.Quote(member.Name)} where the member itself is named {DataFile.Quote(local)}; it was changed, or made to be read in two ways.");
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != member.Method)
            throw new DataException($"{source}: its directory and its member {DataFile.Quote(member.Name)} name two ways of compression.");
        return stream.Position + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]) + member.Packed;
    }

    private static List<Member> Directory(Stream stream, string source)
    {
        var (offset, count) = FindDirectory(stream, source);
        stream.Position = offset;
        var members = new List<Member>();
        var header = new byte[DirectorySize];
        for (long i = 0; i < count; i++)
        {
            DataFile.ReadExactly(stream, header, source, "the directory");
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != DirectoryMark)
                throw new DataException($"{source}: is damaged: its directory has {i} of {count} members.");
            var rest = new byte[Short(header, 28) + Short(header, 30) + Short(header, 32)];
            DataFile.ReadExactly(stream, rest, source, "the directory");
            var name = Text(rest.AsSpan(0, Short(header, 28)));
            var (packed, place) = (Number(header, 20), Number(header, 42));
            if (packed == In64 || place == In64)
                (packed, place) = Large(rest.AsSpan(Short(header, 28), Short(header, 30)), Number(header, 24) == In64, packed, place);
            if (packed > (ulong)stream.Length || place > (ulong)stream.Length)
                throw new DataException($"{source}: is damaged: its member {DataFile.Quote(name)} is said to lie outside of it.");
            members.Add(new Member(name, Short(header, 10), (long)packed, (long)place));
        }

        return members;
    }

    // Sizes of 4 GiB and more are in an extra field, those alone that do not fit, in this order: size, packed size, place.
    private static (ulong Packed, ulong Place) Large(ReadOnlySpan<byte> extra, bool hasSize, ulong packed, ulong place)
    {
        while (extra.Length >= 4)
        {
            var size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            var field = extra[4..Math.Min(extra.Length, 4 + size)];
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                if (hasSize && field.Length >= 8)
                    field = field[8..];
                if (packed == In64 && field.Length >= 8)
                {
                    packed = BinaryPrimitives.ReadUInt64LittleEndian(field);
                    field = field[8..];
                }

                if (place == In64 && field.Length >= 8)
                    place = BinaryPrimitives.ReadUInt64LittleEndian(field);
                break;
            }

            extra = extra[Math.Min(extra.Length, 4 + size)..];
        }

        return (packed, place);
    }

    private static (long Offset, long Count) FindDirectory(Stream stream, string source)
    {
        var length = (int)Math.Min(stream.Length, EndSize + MostComment);
        var tail = new byte[length];
        stream.Position = stream.Length - length;
        DataFile.ReadExactly(stream, tail, source, "the end");
        var at = length - EndSize;
        while (at >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != EndMark)
            at--;
        if (at < 0)
            throw new DataException($"{source}: is truncated, or no zip archive: its directory is missing.");
        var (offset, count) = (Number(tail, at + 16), (ulong)Short(tail, at + 10));
        if ((offset == In64 || count == ushort.MaxValue) && at >= LocatorSize && Number(tail, at - LocatorSize) == Locator64Mark)
        {
            Span<byte> end = stackalloc byte[56];
            stream.Position = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(tail.AsSpan(at - LocatorSize + 8)), (ulong)stream.Length);
            DataFile.ReadExactly(stream, end, source, "the end");
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Mark)
                throw new DataException($"{source}: is damaged: the end of its directory is not where it is said to be.");
            (count, offset) = (BinaryPrimitives.ReadUInt64LittleEndian(end[32..]), BinaryPrimitives.ReadUInt64LittleEndian(end[48..]));
        }

        return offset <= (ulong)stream.Length && count <= MostMembers
            ? ((long)offset, (long)count)
            : throw new DataException($"{source}: is damaged: its directory of {count} members is said to begin at byte {offset} of {stream.Length}.");
    }

    // Both sides are read in the same way, so that only real differences differ.
    private static string Text(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);

    private static ushort Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static ulong Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private readonly record struct Member(string Name, ushort Method, long Packed, long Offset);
}
