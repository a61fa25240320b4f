using Sio.Engine;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

/// <summary>Files as tensors.</summary>
public sealed class TensorMappingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.File("values.bin");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_part_of_a_file_is_a_tensor()
    {
        Write(10_000);
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        {
            var tensor = TensorMemory.Map(Path, 8, ScalarType.Float32, 2, 3);
            Assert.Equal("[2,3] float32", TensorMemory.Describe(tensor));
            Assert.Equal([2f, 3, 4, 5, 6, 7], tensor.ToArray<float>());
            // Beyond the first page, and another type.
            Assert.Equal([9_998f, 9_999], TensorMemory.Map(Path, 4 * 9_998, ScalarType.Float32, 2).ToArray<float>());
            Assert.Equal(BitConverter.SingleToInt32Bits(1), TensorMemory.Map(Path, 4, ScalarType.Int32, 1).item<int>());
            Assert.Equal(27, (tensor.sum()).ToDouble());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        AssertFree();
    }

    [Fact]
    public void The_file_stays_open_until_no_tensor_shares_the_memory()
    {
        Write(6);
        var whole = TensorMemory.Map(Path, 0, ScalarType.Float32, 6);
        var other = TensorMemory.Map(Path, 0, ScalarType.Float32, 6);
        var view = whole.narrow(0, 2, 3);
        whole.Dispose();
        other.Dispose();
        Assert.Throws<IOException>(Open);
        GC.Collect();
        Assert.Equal([2f, 3, 4], view.ToArray<float>());
        view.Dispose();
        AssertFree();
    }

    [Fact]
    public void A_tensor_that_nobody_disposed_gives_its_file_back()
    {
        Write(6);
        Forget();
        _ = TensorCount.Settled();
        AssertFree();

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Forget() => _ = TensorMemory.Map(Path, 0, ScalarType.Float32, 6);
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(4, 6)]
    [InlineData(24, 1)]
    [InlineData(400, 1)]
    [InlineData(2, 1)]
    [InlineData(-4, 1)]
    public void What_the_file_does_not_hold_is_refused_and_it_is_free(long offset, long count)
    {
        Write(6);
        var before = TensorCount.Settled();
        var error = Assert.Throws<ArgumentException>(() => TensorMemory.Map(Path, offset, ScalarType.Float32, count));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorMemory.Map(Path, 0, ScalarType.Float32, 2, 0));
        Assert.Throws<OverflowException>(() => TensorMemory.Map(Path, 0, ScalarType.Float32, long.MaxValue, 2));
        Assert.Throws<FileNotFoundException>(() => TensorMemory.Map(Path + ".no", 0, ScalarType.Float32, 1));
        Assert.Equal(before, TorchRuntime.LiveTensors);
        AssertFree();
    }

    private void Write(int count) =>
        File.WriteAllBytes(Path, [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((float)i))]);

    // A mapping holds its file open for reading: nobody else can have it alone.
    private void AssertFree() => Open();

    private void Open() => new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
}
