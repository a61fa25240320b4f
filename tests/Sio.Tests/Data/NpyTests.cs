using System.Runtime.InteropServices;
using FsCheck.Fluent;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class NpyTests
{
    private sealed record Form(long[] Shape, bool BigEndian, bool Fortran, int Version, int Seed);

    [Fact]
    public void Bool_round_trip() => RoundTrip("b1", bits => (bits & 1) != 0);

    [Fact]
    public void Int8_round_trip() => RoundTrip("i1", bits => (sbyte)bits);

    [Fact]
    public void UInt8_round_trip() => RoundTrip("u1", bits => (byte)bits);

    [Fact]
    public void Int16_round_trip() => RoundTrip("i2", bits => (short)bits);

    [Fact]
    public void UInt16_round_trip() => RoundTrip("u2", bits => (ushort)bits);

    [Fact]
    public void Int32_round_trip() => RoundTrip("i4", bits => (int)bits);

    [Fact]
    public void UInt32_round_trip() => RoundTrip("u4", bits => (uint)bits);

    [Fact]
    public void Int64_round_trip() => RoundTrip("i8", bits => (long)bits);

    [Fact]
    public void UInt64_round_trip() => RoundTrip("u8", bits => bits);

    [Fact]
    public void Float16_round_trip() => RoundTrip("f2", bits => BitConverter.UInt16BitsToHalf((ushort)bits));

    [Fact]
    public void Float32_round_trip() => RoundTrip("f4", bits => BitConverter.UInt32BitsToSingle((uint)bits));

    [Fact]
    public void Float64_round_trip() => RoundTrip("f8", BitConverter.UInt64BitsToDouble);

    [Fact]
    public void Writes_the_bytes_that_numpy_writes()
    {
        using var stream = new MemoryStream();
        Npy.Write(stream, NpyArray.Create<short>([1, -2], 2));
        var text = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }".PadRight(128 - 10 - 1) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(text), 1, 0, 0xFE, 0xFF];
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void Data_starts_at_a_multiple_of_64()
    {
        for (var dimensions = 0; dimensions < 40; dimensions++)
        {
            var shape = Enumerable.Repeat(1L, dimensions).ToArray();
            using var stream = new MemoryStream();
            Npy.Write(stream, dimensions == 0 ? NpyArray.Scalar((byte)7) : NpyArray.Create<byte>([7], shape));
            Assert.Equal(1, stream.Length % 64);
            stream.Position = 0;
            Assert.Equal(shape, Npy.Read(stream).Shape);
        }
    }

    [Fact]
    public void Fortran_order_is_turned_into_C_order()
    {
        // [[1, 2, 3], [4, 5, 6]] stored column by column.
        var file = NpyEncoder.WithHeader("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]);
        var array = Npy.Read(new MemoryStream(file));
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], array.Elements<byte>());
    }

    [Fact]
    public void Path_and_unseekable_stream_give_the_same()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.npy");
        Npy.Write(path, [1.5f, 2.5f, -3], 3, 1);
        Assert.Equal(["a.npy"], folder.Names());
        var array = Npy.Read(path);
        Assert.Equal([3, 1], array.Shape);
        Assert.Equal([1.5f, 2.5f, -3], array.Elements<float>());
        var piped = Npy.Read(new PipeLikeStream(File.ReadAllBytes(path)));
        Assert.Equal(array.Elements<float>(), piped.Elements<float>());
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "object array")]
    [InlineData("{'descr': 'O', 'fortran_order': False, 'shape': (1,), }", "object array")]
    [InlineData("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", "structured")]
    [InlineData("{'descr': '<U4', 'fortran_order': False, 'shape': (1,), }", "'<U4' is not supported")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8' is not supported")]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (1,), }", "'' is not supported")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "key shape expected")]
    [InlineData("{'descr': '<f4', 'shape': (1,)}", "key fortran_order expected")]
    [InlineData("{'fortran_order': False, 'shape': (1,)}", "key descr expected")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "once")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", "once")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "True or False expected")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "a dimension")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "a dimension")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "',' expected")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3)}", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,)}", "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1", "nothing more expected")]
    [InlineData("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (1,)}", "plain string")]
    [InlineData("[1]", "'{' expected")]
    [InlineData("", "'{' expected")]
    public void Refuses_headers(string header, string expected)
    {
        var error = Assert.Throws<DataException>(() => Npy.Read(new MemoryStream(NpyEncoder.WithHeader(header, new byte[4])), "x.npy"));
        Assert.StartsWith("x.npy: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"shape\" : ( 2L, 3L ) ,\t'fortran_order':False,'descr':'=f4'}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, ), }    ")]
    public void Accepts_other_spellings(string header)
    {
        var array = Npy.Read(new MemoryStream(NpyEncoder.WithHeader(header, new byte[24])));
        Assert.Equal((NpyType.Float32, "(2, 3)"), (array.Type, array.ShapeText()));
    }

    [Fact]
    public void Refuses_what_is_no_npy_file()
    {
        Refused("is not a .npy array", [.. "PK\x03\x04 and so on"u8]);
        Refused("pickle", [0x80, 4, 0x95, 1, 2, 3, 4, 5, 6]);
        Refused("version 4.0", [0x93, .. "NUMPY"u8, 4, 0, 0, 0]);
        Refused("version 1.1", [0x93, .. "NUMPY"u8, 1, 1, 0, 0]);
        // A version 2.0 header that claims almost 4 GiB.
        Refused("at most 65535", [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        var good = NpyEncoder.Encode<byte>([1, 2, 3], [3], "u1");
        Refused("followed by more bytes", [.. good, 0]);

        static void Refused(string expected, byte[] file) =>
            Assert.Contains(expected, Assert.Throws<DataException>(() => Npy.Read(new MemoryStream(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_of_gigabytes_allocates_nothing()
    {
        var file = NpyEncoder.WithHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000,)}", new byte[64]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataException>(() => Npy.Read(new MemoryStream(file)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Truncated_anywhere_is_refused(int version) =>
        Properties.RefusesEveryTruncation(NpyEncoder.Encode<int>([1, 2, 3], [3], "i4", version: version), s => Npy.Read(s));

    [Fact]
    public void Changed_bytes_never_escape_as_other_exceptions() =>
        Properties.SurvivesMutations(NpyEncoder.Encode<ushort>([1, 2, 3, 4], [2, 2], "u2", fortran: true), s => Npy.Read(s));

    [Fact]
    public void Missing_file_folder_and_full_disk()
    {
        using var folder = new TempFolder();
        Assert.Contains("not found", Assert.Throws<DataException>(() => Npy.Read(folder.File("no.npy"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<DataException>(() => Npy.Read(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => Npy.Write(folder.File("no/where.npy"), [1]));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Writing_to_a_full_device_is_an_io_error()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        Assert.ThrowsAny<IOException>(() =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            Npy.Write(full, NpyArray.Create(new float[100]));
        });
    }

    [Fact]
    public void Typed_access_and_conversions()
    {
        var floats = NpyArray.Create([1.5f, -2]);
        Assert.Equal([1.5, -2], floats.ToDoubles());
        Assert.Contains("f4", Assert.Throws<DataException>(() => floats.Elements<double>()).Message, StringComparison.Ordinal);
        Assert.Contains("integers were expected", Assert.Throws<DataException>(floats.ToInt64s).Message, StringComparison.Ordinal);
        Assert.Equal([3, 255], NpyArray.Create<byte>([3, 255]).ToInt64s());
        Assert.Equal([-3], NpyArray.Create<sbyte>([-3]).ToDoubles());
        Assert.Equal([1.8446744073709552e19], NpyArray.Create([ulong.MaxValue]).ToDoubles());
        Assert.Throws<DataException>(NpyArray.Create([ulong.MaxValue]).ToInt64s);
        Assert.Throws<DataException>(NpyArray.Create([true]).ToDoubles);
        Assert.Throws<ArgumentException>(() => NpyArray.Create([1, 2, 3], 2, 2));
        Assert.Throws<ArgumentException>(() => NpyArray.Create(['a']));
    }

    private static void RoundTrip<T>(string code, Func<ulong, T> fromBits)
        where T : unmanaged
    {
        var shapes = Gen.Choose(0, 4).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 5).Select(size => (long)size), n));
        var forms = from shape in shapes
                    from bigEndian in Gen.Elements(true, false)
                    from fortran in Gen.Elements(true, false)
                    from version in Gen.Choose(1, 3)
                    from seed in Gen.Choose(0, int.MaxValue)
                    select new Form(shape, bigEndian, fortran, version, seed);
        Properties.ForAll(forms, form =>
        {
            var random = new RandomStream((ulong)form.Seed);
            var values = new T[form.Shape.Aggregate(1L, (a, b) => a * b)];
            foreach (ref var value in values.AsSpan())
                value = fromBits(random.NextUInt64());

            var read = Npy.Read(new MemoryStream(NpyEncoder.Encode(values, form.Shape, code, form.BigEndian, form.Fortran, form.Version)));
            Same(values, form.Shape, read);
            using var stream = new MemoryStream();
            Npy.Write(stream, read);
            stream.Position = 0;
            Same(values, form.Shape, Npy.Read(stream));
        });

        // Bit for bit: NaNs and negative zeros count.
        static void Same(T[] values, long[] shape, NpyArray array)
        {
            Assert.Equal(shape, array.Shape);
            Assert.True(MemoryMarshal.AsBytes<T>(values).SequenceEqual(MemoryMarshal.AsBytes<T>(array.Elements<T>())));
        }
    }
}
