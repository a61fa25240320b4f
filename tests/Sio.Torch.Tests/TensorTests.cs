using FsCheck;
using FsCheck.Fluent;
using Sio.Torch.Native;

namespace Sio.Torch.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Elements_go_in_and_out_unchanged()
    {
        using var scope = new TensorScope();
        Assert.Equal([1.5, -2, double.MaxValue], Tensor.From([1.5, -2, double.MaxValue]).ToArray<double>());
        Assert.Equal([1, -2], Tensor.From([1, -2]).ToArray<int>());
        Assert.Equal([long.MinValue], Tensor.From([long.MinValue]).ToArray<long>());
        Assert.Equal(new byte[] { 0, 255 }, Tensor.From<byte>([0, 255]).ToArray<byte>());
        Assert.Equal([true, false], Tensor.From([true, false]).ToArray<bool>());
        Assert.Equal([(Half)0.5f], Tensor.From([(Half)0.5f]).ToArray<Half>());
        Assert.Equal(new short[] { -3 }, Tensor.From<short>([-3]).ToArray<short>());
        Assert.Equal(new sbyte[] { -3 }, Tensor.From<sbyte>([-3]).ToArray<sbyte>());
    }

    [Fact]
    public void Any_float_array_survives_a_round_trip() =>
        Prop.ForAll<float[]>(values =>
        {
            using var tensor = Tensor.From(values);
            return tensor.ToArray<float>().AsSpan().SequenceEqual(values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_wrapped_array_shares_its_memory()
    {
        float[] values = [1, 2, 3, 4];
        using (var tensor = Tensor.Wrap(values, 2, 2))
        {
            tensor.Mul_(2);
            Assert.Equal([2f, 4f, 6f, 8f], values);
            values[0] = 10;
            Assert.Equal(10, tensor.Select(0, 0).Select(0, 0).Item().ToDouble());
        }
    }

    [Fact]
    public void A_wrapped_array_lives_as_long_as_a_view_of_it()
    {
        var view = MakeView();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal([2f, 3f], view.ToArray<float>());
        view.Dispose();

        static Tensor MakeView()
        {
            using var whole = Tensor.Wrap(new float[] { 1, 2, 3 });
            return whole.Narrow(0, 1, 2);
        }
    }

    [Fact]
    public void An_array_that_cannot_be_wrapped_is_not_pinned_for_ever()
    {
        var array = Fail();
        GC.Collect();
        Assert.False(array.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Fail()
        {
            var values = new char[3];
            Assert.Throws<NotSupportedException>(() => Tensor.Wrap(values));
            return new WeakReference(values);
        }
    }

    [Fact]
    public unsafe void Memory_that_cannot_be_wrapped_is_released_once()
    {
        s_released = 0;
        float value = 1;
        long size = -1;
        nint tensor = 0;
        var failed = NativeMethods.sio_tensor_from_memory(&value, &size, 1, (int)DType.Float32, &Release, 7, &tensor);
        Assert.NotEqual(0, failed);
        Assert.Equal(7, s_released);
        Assert.Equal(0, tensor);
        s_released = 0;
        size = 1;
        NativeMethods.Check(NativeMethods.sio_tensor_from_memory(&value, &size, 1, (int)DType.Float32, &Release, 7, &tensor), "wrap");
        Assert.Equal(0, s_released);
        NativeMethods.sio_tensor_free(tensor);
        Assert.Equal(7, s_released);
    }

    [Fact]
    public void A_device_that_LibTorch_cannot_number_is_refused()
    {
        // 8 bits hold the index: 256 would be the first GPU.
        var error = Assert.Throws<TorchException>(() => Tensor.Zeros([1], device: Device.Cuda(256)));
        Assert.Contains("device index 256 is out of range", error.Message, StringComparison.Ordinal);
        Assert.Contains("out of range", Assert.Throws<TorchException>(() => new Generator(1, Device.Cuda(256))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_shapes_types_and_layouts_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => Tensor.From(new float[3], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.From(new float[2], -1, -2));
        Assert.Throws<OverflowException>(() => Tensor.From(new float[2], long.MaxValue, 4));
        var x = Tensor.Zeros([2, 3]);
        Assert.Throws<InvalidOperationException>(() => x.ToArray<double>());
        Assert.Throws<InvalidOperationException>(() => { _ = x.Transpose(0, 1).AsSpan<float>(); });
        Assert.Throws<ArgumentException>(() => x.CopyTo<float>(new float[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Size(2));
        Assert.Throws<NotSupportedException>(() => Tensor.From(new char[1]));
    }

    [Fact]
    public void Shape_type_and_place_are_told()
    {
        using var x = Tensor.Zeros([2, 3, 4], DType.Int64);
        Assert.Equal([2, 3, 4], x.Shape);
        Assert.Equal([12, 4, 1], x.Strides);
        Assert.Equal(24, x.Numel);
        Assert.Equal(3, x.Dim);
        Assert.Equal(4, x.Size(-1));
        Assert.Equal(DType.Int64, x.DType);
        Assert.Equal(Device.Cpu, x.Device);
        Assert.Equal("[2,3,4] int64", x.ToString());
        using var t = x.Transpose(0, 2);
        Assert.False(t.IsContiguous());
        Assert.Equal([4, 3, 2], t.Shape);
    }

    [Fact]
    public void Arithmetic_does_what_it_says()
    {
        using var scope = new TensorScope();
        var a = Tensor.From([1.0, -4, 9]);
        var b = Tensor.From([2.0, 3, -1]);
        Assert.Equal([3, -1, 8], (a + b).ToArray<double>());
        Assert.Equal([-1, -7, 10], (a - b).ToArray<double>());
        Assert.Equal([2, -12, -9], (a * b).ToArray<double>());
        Assert.Equal([0.5, -4 / 3.0, -9], (a / b).ToArray<double>());
        Assert.Equal([2, -3, 10], (a + 1).ToArray<double>());
        Assert.Equal([0, 5, -8], (1 - a).ToArray<double>());
        Assert.Equal([-1, 4, -9], (-a).ToArray<double>());
        Assert.Equal([3, -6, 18.5], a.Clone().Mul_(2).Add_(Tensor.From([1.0, 2, 0.5])).ToArray<double>());
        Assert.Equal([5, 2, 7], a.Add(b, 2).ToArray<double>());
        Assert.Equal([1, 0, 2], a.Clamp(0, 2).ToArray<double>());
        Assert.Equal([1, -1, 1], a.Sign().ToArray<double>());
        Assert.Equal([2, 3, 9], a.Maximum(b).ToArray<double>());
        Assert.Equal([1, 3, 9], a.Gt(0).Where(a, b).ToArray<double>());
        Assert.Equal([true, false, true], a.Gt(0).ToArray<bool>());
        Assert.Equal([3L, 4L], (Tensor.From([1L, 2L]) + 2).ToArray<long>());
    }

    [Fact]
    public void Reductions_and_order_do_what_they_say()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.0, 5, 2, 6, 4, 3], 2, 3);
        Assert.Equal(21, x.Sum().Item().ToDouble());
        Assert.Equal([8, 13], x.Sum(1).ToArray<double>());
        Assert.Equal([3.5, 4.5, 2.5], x.Mean([0]).ToArray<double>());
        Assert.Equal([12.5, 0.5, 0.5], x.Var([0]).ToArray<double>());
        Assert.Equal([1L, 0L], x.ArgMax(1).ToArray<long>());
        var (values, indices) = x.TopK(2);
        Assert.Equal([5, 2, 6, 4], values.ToArray<double>());
        Assert.Equal([1L, 2, 0, 1], indices.ToArray<long>());
        Assert.Equal([1, 2, 5, 3, 4, 6], x.Sort().Values.ToArray<double>());
        Support.Near([Math.Log(Math.Exp(1) + Math.Exp(5) + Math.Exp(2))], x.LogSumExp(1).ToArray<double>()[..1], 1e-15);
        Support.Near([Math.Sqrt(30), Math.Sqrt(61)], x.Norm(1).ToArray<double>(), 1e-14);
        Assert.Equal([1, 6, 8, 6, 10, 13], x.CumSum(1).ToArray<double>());
        Assert.Equal(Math.Log(3), Tensor.Zeros([1, 3], DType.Float64).LogSumExp(1).Item().ToDouble(), 15);
    }

    [Fact]
    public void Devices_are_spelt_as_in_PyTorch()
    {
        Assert.Equal("cuda:1", Device.Parse("cuda:1").ToString());
        Assert.Equal(Device.Cpu, Device.Parse("cpu"));
        Assert.Equal(Device.Cuda(), Device.Parse("cuda"));
        Assert.Throws<FormatException>(() => Device.Parse("gpu"));
        Assert.Throws<FormatException>(() => Device.Parse("cuda:-1"));
    }

    [Fact]
    public void The_library_tells_about_itself()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", TorchRuntime.Version);
        Assert.True(File.Exists(TorchRuntime.LibraryPath), TorchRuntime.LibraryPath);
        Assert.NotEmpty(TorchRuntime.BuildConfig);
        Assert.NotEmpty(TorchRuntime.CpuCapability);
        var before = TorchRuntime.Threads;
        TorchRuntime.Threads = 2;
        Assert.Equal(2, TorchRuntime.Threads);
        TorchRuntime.Threads = before;
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Threads = 0);
        Assert.True(TorchRuntime.CudaDeviceCount >= 0);
    }

    private static nint s_released;

    [System.Runtime.InteropServices.UnmanagedCallersOnly]
    private static void Release(nint context) => s_released += context;
}
