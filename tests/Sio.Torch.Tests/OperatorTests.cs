namespace Sio.Torch.Tests;

public sealed class OperatorTests
{
    [Fact]
    public void An_operator_is_called_by_name_with_its_defaults()
    {
        using var x = Tensor.From([1f, 2f, 3f, 4f]);
        using var rolled = new Operator("aten::roll").Call(x, new long[] { 1 });
        Assert.Equal([4f, 1f, 2f, 3f], rolled.ToArray<float>());
    }

    [Fact]
    public void The_namespace_may_be_left_out() => Assert.Equal("aten::relu(Tensor self) -> Tensor", new Operator("relu").Schema);

    [Fact]
    public void An_unknown_operator_is_named()
    {
        var error = Assert.Throws<TorchException>(() => new Operator("aten::no_such_thing.overload").Call());
        Assert.Contains("aten::no_such_thing.overload", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_has_the_operators_name_the_shapes_and_no_stack_trace()
    {
        using var a = Tensor.Zeros([2, 3]);
        using var b = Tensor.Zeros([4, 5], DType.Float64);
        var error = Assert.Throws<TorchException>(() => a.MatMul(b));
        Assert.StartsWith("aten::matmul([2,3] float32, [4,5] float64): ", error.Message, StringComparison.Ordinal);
        Assert.Contains("mat", error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aten::relu", "expects Tensor, got None")]
    [InlineData("aten::flatten.using_ints", "expects int, got a string")]
    public void An_argument_of_the_wrong_kind_is_named(string name, string expected)
    {
        using var x = Tensor.Zeros([2]);
        var op = new Operator(name);
        var error = Assert.Throws<TorchException>(() => name == "aten::relu" ? op.Call(null as Tensor) : op.Call(x, "text"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_argument_is_named()
    {
        using var x = Tensor.Zeros([2]);
        var error = Assert.Throws<TorchException>(() => new Operator("aten::unsqueeze").Call(x));
        Assert.Contains("argument 'dim' is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_arguments_are_refused()
    {
        using var x = Tensor.Zeros([2]);
        var error = Assert.Throws<TorchException>(() => new Operator("aten::relu").Call(x, x, x));
        Assert.Contains("3 arguments given, the operator takes 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_call_leaves_no_tensor_behind()
    {
        using var a = Tensor.Zeros([2, 3]);
        var before = Support.SettledLiveTensors();
        for (var i = 0; i < 10; i++)
            Assert.Throws<TorchException>(() => a.MatMul(a));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_result_of_another_kind_leaves_no_tensor_behind()
    {
        using var a = Tensor.Zeros([6]);
        var split = new Operator("split.Tensor");
        var max = new Operator("max.dim");
        var before = Support.SettledLiveTensors();
        Assert.Throws<InvalidOperationException>(() => split.Call(a, 2));
        Assert.Throws<InvalidOperationException>(() => split.CallPair(a, 2));
        Assert.Throws<InvalidOperationException>(() => split.CallScalar(a, 2));
        Assert.Throws<InvalidOperationException>(() => max.CallList(a, 0));
        Assert.Throws<InvalidOperationException>(() => new Operator("item").Call(Tensor.Zeros([])));
        Assert.Equal(before, Support.SettledLiveTensors());
    }

    [Fact]
    public void More_arguments_than_the_stack_holds_are_refused()
    {
        using var x = Tensor.Zeros([2]);
        var arguments = new Argument[1_000_000];
        Assert.Throws<ArgumentException>(() => new Operator("relu").Call(arguments));
    }

    [Fact]
    public void A_list_longer_than_the_stack_buffer_passes()
    {
        using var x = Tensor.Zeros([1]);
        var parts = new Tensor[5000];
        Array.Fill(parts, x);
        using var whole = Tensor.Cat(parts);
        Assert.Equal([5000], whole.Shape);
    }

    [Fact]
    public void A_disposed_tensor_is_refused()
    {
        var x = Tensor.Zeros([2]);
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.Relu());
        Assert.Throws<ObjectDisposedException>(() => x.Shape);
        Assert.Equal("disposed tensor", x.ToString());
    }

    [Fact]
    public void Lists_strings_bools_and_several_results_pass_the_door()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3);
        var parts = Tensor.Cat([x, x], 1).Split(4, 1);
        Assert.Equal([1f, 2, 3, 1, 4, 5, 6, 4], parts[0].ToArray<float>());
        Assert.Equal([2f, 3, 5, 6], parts[1].ToArray<float>());
        var reduced = new Operator("aten::einsum").Call("ij->j", new Tensor?[] { x });
        Assert.Equal([5f, 7f, 9f], reduced.ToArray<float>());
        var indexed = new Operator("aten::index.Tensor").Call(x, new Tensor?[] { null, Tensor.From([2L, 0L]) });
        Assert.Equal([3f, 1f, 6f, 4f], indexed.ToArray<float>());
        var doubled = new Operator("aten::upsample_nearest2d").Call(x.Reshape(1, 1, 2, 3), new long[] { 4, 6 }, 2.0, null as double?);
        Assert.Equal([1, 1, 4, 6], doubled.Shape);
        var norm = new Operator("aten::native_batch_norm");
        Assert.Throws<InvalidOperationException>(() => norm.CallScalar(x, null as Tensor, null as Tensor, null as Tensor, null as Tensor, true, 0.1, 1e-5));
    }

    [Fact]
    public void A_list_of_bools_chooses_which_gradients_are_computed()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([1, 1, 3, 3]);
        var w = Tensor.Ones([1, 1, 3, 3]);
        var gradient = Tensor.Ones([1, 1, 1, 1]);
        var backward = new Operator("aten::convolution_backward");
        var (first, second) = backward.CallPair(
            gradient, x, w, null as long[], new long[] { 1, 1 }, new long[] { 0, 0 }, new long[] { 1, 1 }, false, new long[] { 0, 0 }, 1,
            new[] { true, true, false });
        Assert.Equal(9, first.Sum().Item().ToDouble());
        Assert.Equal(9, second.Sum().Item().ToDouble());
    }

    [Fact]
    public void A_tensor_in_use_is_not_freed_by_another_thread()
    {
        using var a = Tensor.Ones([256, 256]);
        for (var round = 0; round < 50; round++)
        {
            var shared = Tensor.Ones([256, 256]);
            using var start = new Barrier(2);
            var killer = new Thread(() =>
            {
                start.SignalAndWait();
                shared.Dispose();
            });
            killer.Start();
            start.SignalAndWait();
            try
            {
                using var product = a.MatMul(shared);
                Assert.Equal(256f, product.ToArray<float>()[0]);
            }
            catch (ObjectDisposedException)
            {
                // The other thread was faster, and the call was refused: just as good.
            }

            killer.Join();
        }
    }
}
