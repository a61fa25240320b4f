using FsCheck;
using FsCheck.Fluent;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

public sealed class TensorMemoryTests
{
    [Fact]
    public void Elements_go_in_and_out_unchanged()
    {
        using var scope = NewDisposeScope();
        AssertUnchanged<double>([1.5, -2, double.MaxValue], ScalarType.Float64);
        AssertUnchanged<float>([1.5f, float.NaN, float.NegativeInfinity], ScalarType.Float32);
        AssertUnchanged<int>([1, -2], ScalarType.Int32);
        AssertUnchanged<long>([long.MinValue], ScalarType.Int64);
        AssertUnchanged<byte>([0, 255], ScalarType.Byte);
        AssertUnchanged<bool>([true, false], ScalarType.Bool);
        AssertUnchanged<Half>([(Half)0.5f], ScalarType.Float16);
        AssertUnchanged<short>([-3], ScalarType.Int16);
        AssertUnchanged<sbyte>([-3], ScalarType.Int8);

        static void AssertUnchanged<T>(T[] values, ScalarType type)
            where T : unmanaged
        {
            Assert.Equal(type, TensorMemory.TypeOf<T>());
            foreach (var tensor in new[] { TensorMemory.From<T>(values), TensorMemory.Wrap(values) })
            {
                Assert.Equal(type, tensor.dtype);
                Assert.Equal([values.Length], tensor.shape);
                Assert.Equal(values, tensor.ToArray<T>());
                Assert.Equal(values, tensor.AsSpan<T>().ToArray());
                var copy = new T[values.Length];
                tensor.CopyTo<T>(copy);
                Assert.Equal(values, copy);
            }
        }
    }

    [Fact]
    public void Any_float_array_survives_a_round_trip() =>
        Prop.ForAll<float[]>(values =>
        {
            using var tensor = TensorMemory.From<float>(values);
            using var wrapped = TensorMemory.Wrap(values);
            return tensor.ToArray<float>().AsSpan().SequenceEqual(values) && wrapped.ToArray<float>().AsSpan().SequenceEqual(values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_copy_shares_no_memory()
    {
        float[] values = [1, 2, 3, 4];
        using var tensor = TensorMemory.From<float>(values, 2, 2);
        Assert.Equal([2, 2], tensor.shape);
        values[0] = 10;
        Assert.Equal([1f, 2, 3, 4], tensor.ToArray<float>());
        tensor.AsSpan<float>()[3] = 7;
        Assert.Equal([1f, 2, 3, 7], tensor.ToArray<float>());
    }

    [Fact]
    public void A_wrapped_array_shares_its_memory()
    {
        float[] values = [1, 2, 3, 4];
        using (var tensor = TensorMemory.Wrap(values, 2, 2))
        {
            tensor.mul_(2);
            Assert.Equal([2f, 4f, 6f, 8f], values);
            values[0] = 10;
            Assert.Equal(10, tensor[0, 0].ToDouble());
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
            using var whole = TensorMemory.Wrap(new float[] { 1, 2, 3 });
            return whole.narrow(0, 1, 2);
        }
    }

    [Fact]
    public void A_wrapped_array_is_let_go_with_its_tensor()
    {
        var array = Make();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(array.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Make()
        {
            var values = new float[3];
            TensorMemory.Wrap(values).Dispose();
            return new WeakReference(values);
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
            Assert.Throws<NotSupportedException>(() => TensorMemory.Wrap(values));
            return new WeakReference(values);
        }
    }

    [Fact]
    public void Wrong_shapes_types_and_layouts_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => TensorMemory.From<float>(new float[3], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorMemory.From<float>(new float[2], -1, -2));
        Assert.Throws<OverflowException>(() => TensorMemory.From<float>(new float[2], long.MaxValue, 4));
        Assert.Throws<ArgumentException>(() => TensorMemory.Wrap(new float[3], 2, 2));
        var x = torch.zeros([2, 3]);
        Assert.Throws<InvalidOperationException>(() => x.ToArray<double>());
        Assert.Throws<InvalidOperationException>(() => { _ = x.transpose(0, 1).AsSpan<float>(); });
        Assert.Throws<InvalidOperationException>(() => x.transpose(0, 1).ForEachBytes(_ => { }));
        Assert.Throws<ArgumentException>(() => x.CopyTo<float>(new float[5]));
        Assert.Throws<NotSupportedException>(() => TensorMemory.From<char>(new char[1]));
    }

    [Fact]
    public void A_tensor_in_any_memory_order_and_with_gradients_is_read_in_its_own_order()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        Assert.Equal([1f, 4, 2, 5, 3, 6], x.transpose(0, 1).ToArray<float>());
        var copy = new float[6];
        x.transpose(0, 1).CopyTo<float>(copy);
        Assert.Equal([1f, 4, 2, 5, 3, 6], copy);
        x.requires_grad = true;
        Assert.Equal([1f, 2, 3, 4, 5, 6], x.ToArray<float>());
        Assert.Equal([1f, 2, 3, 4, 5, 6], x.AsSpan<float>().ToArray());
        Assert.Equal([7f], torch.full([], 7, dtype: ScalarType.Float32).ToArray<float>());
    }

    [Fact]
    public void Reading_leaves_no_tensor_behind()
    {
        using var x = torch.zeros([2, 3, 4, 4]);
        using var turned = x.transpose(1, 3);
        var before = TensorCount.Settled();
        _ = turned.ToArray<float>();
        turned.CopyTo<float>(new float[96]);
        _ = x.AsSpan<float>();
        x.ForEachBytes(_ => { });
        _ = x.ValuesEqual(x);
        _ = TensorMemory.IsContiguous(x, memory_format.channels_last);
        TensorMemory.Contiguous(x, memory_format.channels_last).Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Memory_comes_in_pieces_that_can_be_written()
    {
        const int piece = 1 << 26;
        using var tensor = torch.zeros([piece + 3], dtype: ScalarType.Byte);
        var lengths = new List<int>();
        tensor.ForEachBytes(bytes =>
        {
            bytes[^1] = (byte)(lengths.Count + 1);
            lengths.Add(bytes.Length);
        });
        Assert.Equal([piece, 3], lengths);
        Assert.Equal(1, tensor[piece - 1].item<byte>());
        Assert.Equal(2, tensor[piece + 2].item<byte>());
        Assert.Equal(3, tensor.sum().ToInt64());

        using var wide = TensorMemory.From<int>([1, 256]);
        byte[] found = [];
        wide.ForEachBytes(bytes => found = bytes.ToArray());
        Assert.Equal([.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(256)], found);

        using var empty = torch.zeros([0, 4]);
        empty.ForEachBytes(_ => Assert.Fail("an empty tensor has no bytes"));
    }

    [Fact]
    public void Values_are_equal_in_one_shape_and_NaN_equals_nothing()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        Assert.True(x.ValuesEqual(x.clone()));
        Assert.True(x.t().ValuesEqual(torch.tensor(new float[] { 1, 3, 2, 4 }, [2, 2])));
        Assert.False(x.ValuesEqual(x.t()));
        Assert.False(x.ValuesEqual(x.flatten()));
        Assert.True(torch.zeros([0, 3]).ValuesEqual(torch.ones([0, 3])));
        var nan = torch.tensor(new float[] { 1, float.NaN });
        Assert.False(nan.ValuesEqual(nan));
    }

    [Fact]
    public void Another_memory_order_has_the_same_values_in_a_tensor_of_its_own()
    {
        using var scope = NewDisposeScope();
        var x = torch.rand([2, 3, 4, 5]);
        Assert.True(TensorMemory.IsContiguous(x, memory_format.contiguous_format));
        Assert.False(TensorMemory.IsContiguous(x, memory_format.channels_last));
        var last = TensorMemory.Contiguous(x, memory_format.channels_last);
        Assert.Equal([60L, 1, 15, 3], last.stride());
        Assert.True(TensorMemory.IsContiguous(last, memory_format.channels_last));
        Assert.True(x.ValuesEqual(last));
        Assert.False(TensorMemory.IsContiguous(torch.rand([3, 4]), memory_format.channels_last));

        foreach (var (tensor, format) in new[] { (last, memory_format.channels_last), (x, memory_format.contiguous_format) })
        {
            // The same memory, and disposing it leaves the original.
            var same = TensorMemory.Contiguous(tensor, format);
            Assert.NotSame(tensor, same);
            same[0, 0, 0, 0] = 9;
            Assert.Equal(9, tensor[0, 0, 0, 0].ToDouble());
            same.Dispose();
            Assert.False(tensor.IsInvalid);
        }

        Assert.True(TensorMemory.Contiguous(last, memory_format.contiguous_format).is_contiguous());
    }

    [Fact]
    public void Shape_type_and_place_are_told()
    {
        var x = torch.zeros([2, 3, 4], dtype: ScalarType.Int64);
        Assert.Equal("[2,3,4] int64", TensorMemory.Describe(x));
        Assert.Equal("[] float32", TensorMemory.Describe(torch.zeros([])));
        x.Dispose();
        Assert.Equal("disposed tensor", TensorMemory.Describe(x));
    }
}
