using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sio.Engine;
using Sio.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Serialization;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"sio-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_bytes_are_the_reference_implementations()
    {
        // Written by Python's safetensors: see Fixtures/make_safetensors.py.
        var expected = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "reference.safetensors"));
        using var scope = NewDisposeScope();
        (string Name, Tensor Value)[] tensors =
        [
            ("b", torch.tensor(new float[] { 1f, 2f }, [1, 2])), ("a", torch.tensor(new byte[] { 7 })), ("c", torch.tensor(new long[] { 3L })), ("aa", torch.tensor(new float[] { 4f })),
            ("scalar", torch.full([], 2.5, dtype: ScalarType.Float64)), ("empty", torch.zeros([0, 4], dtype: ScalarType.Float16)), ("bool", torch.tensor(new bool[] { true, false, true })),
            ("i8", torch.tensor(new sbyte[] { -1, 2 })), ("i16", torch.tensor(new short[] { -300 })), ("i32", torch.tensor(new int[] { 1 << 20 })), ("ünï \"name\"", torch.tensor(new double[] { 1.5 })),
        ];
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal(expected, stream.ToArray());

        File.WriteAllBytes(_path, expected);
        using var content = Safetensors.Read(_path);
        Assert.Equal("pt", content.Metadata["format"]);
        Assert.Equal(tensors.Length, content.Tensors.Count);
        Assert.All(tensors, entry => Assert.True(entry.Value.ValuesEqual(content.Tensors[entry.Name]), entry.Name));
    }

    [Fact]
    public void Every_type_and_shape_comes_back()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors =
        [
            ("bool", torch.tensor(new bool[] { true, false })), ("half", torch.tensor(new System.Half[] { (Half)1.5f })), ("scalar", torch.full([], 3.5, dtype: ScalarType.Float64)),
            ("empty", torch.zeros([0, 4])), ("turned", torch.tensor(new float[] { 1f, 2, 3, 4, 5, 6 }, [2, 3]).transpose(0, 1)),
            ("bf16", torch.tensor(new float[] { 1f, -2f }).to(ScalarType.BFloat16)), ("i8", torch.tensor(new sbyte[] { -1 })), ("i16", torch.tensor(new short[] { -300 })),
            ("i32", torch.tensor(new int[] { 1 << 20 })), ("ünïcode \"name\"", torch.tensor(new double[] { 1.0 })),
        ];
        using (var file = File.Create(_path))
            Safetensors.Write(file, tensors);
        using var content = Safetensors.Read(_path);
        Assert.Equal(tensors.Length, content.Tensors.Count);
        foreach (var (name, value) in tensors)
        {
            Assert.Equal(value.dtype, content.Tensors[name].dtype);
            Assert.Equal(value.shape, content.Tensors[name].shape);
            Assert.True(value.contiguous().ValuesEqual(content.Tensors[name]), name);
        }
    }

    [Fact]
    public void Any_set_of_names_and_values_comes_back() =>
        Prop.ForAll<Dictionary<NonNull<string>, float[]>>(source =>
        {
            using var scope = NewDisposeScope();
            // Half of a surrogate pair is no text, and no file can hold it.
            var usable = source.Where(e => e.Key.Get != "__metadata__" && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(e.Key.Get)) == e.Key.Get).ToArray();
            using (var file = File.Create(_path))
                Safetensors.Write(file, usable.Select(e => (e.Key.Get, torch.tensor(e.Value ?? []))));
            using var content = Safetensors.Read(_path);
            return usable.All(e => content.Tensors[e.Key.Get].ToArray<float>().AsSpan().SequenceEqual(e.Value ?? []));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "too many")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", 8, "not supported")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,8]}}""", 8, "not supported")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "no list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "unknown key")]
    [InlineData("""{"a":[]}""", 0, "no JSON object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "not valid JSON")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "no string")]
    [InlineData("""{"__metadata__":3}""", 0, "no JSON object")]
    [InlineData("""{"a":""", 0, "not valid JSON")]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "invalid text")]
    [InlineData("[]", 0, "does not start with '{'")]
    [InlineData("", 0, "does not start with '{'")]
    public void A_bad_header_is_refused(string header, int dataBytes, string expected)
    {
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);
        var before = TensorCount.Settled();
        var error = Assert.Throws<SafetensorsException>(() => Safetensors.Read(_path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(9UL)]
    public void A_huge_header_length_is_refused_before_memory_is_taken(ulong length)
    {
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes(length), .. "{}      "u8]);
        Assert.Throws<SafetensorsException>(() => Safetensors.Read(_path));
    }

    [Fact]
    public void A_file_cut_at_any_place_is_refused()
    {
        using (var scope = NewDisposeScope())
        using (var file = File.Create(_path))
            Safetensors.Write(file, [("a", torch.tensor(new float[] { 1f, 2, 3 })), ("b", torch.tensor(new long[] { 1L }))]);
        var whole = File.ReadAllBytes(_path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.Throws<SafetensorsException>(() => Safetensors.Read(_path));
        }
    }

    [Fact]
    public void A_name_cannot_be_there_twice()
    {
        using var x = torch.tensor(new float[] { 1f });
        using var stream = new MemoryStream();
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("a", x), ("a", x)]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("__metadata__", x)]));
    }
}
