using System.Formats.Tar;
using System.Text;
using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>What .NET's tar reader takes on trust: sums of headers, and the sizes of what stands in their place.</summary>
public sealed class TarGuardTests
{
    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Good_archives_pass_with_long_names_too(TarEntryFormat format)
    {
        string[] names = ["a.txt", new('x', 90), "folder/b.txt"];
        if (format != TarEntryFormat.Ustar)
            names = [.. names, new string('y', 300)];
        Assert.Equal(names, Names(Archive(format, names)));
    }

    [Fact]
    public void A_header_whose_sum_does_not_fit_is_refused()
    {
        var bytes = Archive(TarEntryFormat.Ustar, "a.txt");
        bytes[0] = (byte)'b';
        Assert.ThrowsAny<Exception>(() => Names(bytes));
        Assert.True(TarFailure.Is(Record.Exception(() => Names(bytes))!));
    }

    [Fact]
    public void A_long_name_that_claims_two_gigabytes_is_refused_before_it_is_read()
    {
        var bytes = Archive(TarEntryFormat.Gnu, new string('y', 300));
        // The size of GNU's long name, and the header's sum with it.
        Encoding.ASCII.GetBytes("17777777777\0").CopyTo(bytes, 124);
        bytes.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(bytes[..512].Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(bytes, 148);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(TarFailure.Is(Record.Exception(() => Names(bytes))!));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static List<string> Names(byte[] bytes)
    {
        using var reader = new TarReader(new TarGuard(new MemoryStream(bytes)));
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
            names.Add(entry.Name);
        return names;
    }

    private static byte[] Archive(TarEntryFormat format, params string[] names)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var name in names)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream([1, 2, 3]);
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }
}
