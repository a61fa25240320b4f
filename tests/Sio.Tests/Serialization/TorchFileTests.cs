using Sio.Engine;
using Sio.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Serialization;

public sealed class TorchFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"sio-{Guid.NewGuid():N}.pth");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_state_dict_is_read()
    {
        var state = TorchFile.Read(Fixture("state_dict.pth"));
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"], state.Keys);
        Assert.Equal([3, 2], state["0.weight"].shape);
        Assert.Equal([0f, 1, 2, 3, 4, 5], state["0.weight"].ToArray<float>());
        Assert.Equal(ScalarType.Int64, state["1.num_batches_tracked"].dtype);
        Free(state);
    }

    [Fact]
    public void Nested_values_views_and_every_type_are_read()
    {
        var before = TensorCount.Settled();
        var found = TorchFile.Read(Fixture("nested.pth"));
        Assert.Equal([1f, 1f], found["state_dict.w"].ToArray<float>());
        Assert.Equal([1L, 2L], found["list.0"].ToArray<long>());
        Assert.Equal(2.5, found["list.1.0"].ToDouble());
        Assert.Equal([4f, 6, 8, 10], found["view"].ToArray<float>());
        Assert.Equal([4, 3], found["transposed"].shape);
        Assert.Equal([0f, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], found["transposed"].ToArray<float>());
        Assert.Equal([4f, 5], found["shared"].ToArray<float>());
        Assert.Equal([(Half)1.5f], found["half"].ToArray<Half>());
        Assert.Equal(ScalarType.BFloat16, found["bf16"].dtype);
        Assert.Equal([true, false], found["bool"].ToArray<bool>());
        Assert.Equal(new byte[] { 255 }, found["u8"].ToArray<byte>());
        Assert.Equal(new sbyte[] { -1 }, found["i8"].ToArray<sbyte>());
        Assert.Equal(new short[] { -300 }, found["i16"].ToArray<short>());
        Assert.Equal([1 << 20], found["i32"].ToArray<int>());
        Assert.Equal([0, 3], found["empty"].shape);
        Assert.Equal(14, found.Count);
        Free(found);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_newer_pickle_protocol_is_read()
    {
        var found = TorchFile.Read(Fixture("protocol4.pth"));
        Assert.Equal([1f, 1, 1], found["w"].ToArray<float>());
        Free(found);
    }

    [Theory]
    [InlineData("evil.pth", "posix.system")]
    [InlineData("module.pth", "torch.nn.modules.container.Sequential")]
    [InlineData("old_format.pth", "cannot be read")]
    [InlineData("plain_pickle.pth", "cannot be read")]
    public void What_is_not_tensors_is_refused_by_name_and_never_run(string file, string expected)
    {
        File.Delete("/tmp/sio-evil");
        var error = Assert.Throws<TorchFileException>(() => TorchFile.Read(Fixture(file)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/sio-evil"));
    }

    [Fact]
    public void Damage_is_refused_and_leaves_no_tensor()
    {
        var whole = File.ReadAllBytes(Fixture("state_dict.pth"));
        var before = TensorCount.Settled();
        for (var length = 0; length < whole.Length; length += 13)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.Throws<TorchFileException>(() => TorchFile.Read(_path));
        }

        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var k = 0; k < 4; k++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_path, damaged);
            try
            {
                Free(TorchFile.Read(_path));
            }
            catch (TorchFileException)
            {
                // Either the damage is seen, or it hit the numbers themselves.
            }
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "torch_files", name);

    private static void Free(IReadOnlyDictionary<string, Tensor> tensors)
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }
}
