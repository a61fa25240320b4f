namespace Sio.Torch.Tests;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_all_but_what_is_kept()
    {
        var before = Support.SettledLiveTensors();
        Tensor kept;
        using (var scope = new TensorScope())
        {
            var x = Tensor.Ones([3]);
            kept = scope.Keep((x + 1) * 2);
            Assert.Equal(before + 3, TorchRuntime.LiveTensors);
        }

        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        Assert.Equal([4f, 4f, 4f], kept.ToArray<float>());
        kept.Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void What_an_inner_scope_keeps_belongs_to_the_outer_one()
    {
        var before = Support.SettledLiveTensors();
        using (var outer = new TensorScope())
        {
            Tensor kept;
            using (var inner = new TensorScope())
                kept = inner.Keep(Tensor.Ones([1]));
            Assert.False(kept.IsDisposed);
            Assert.Same(kept, outer.Keep(outer.Adopt(kept)));
            kept.Dispose();
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_scope_frees_on_the_way_of_an_exception()
    {
        var before = Support.SettledLiveTensors();
        Assert.Throws<TorchException>(() =>
        {
            using var scope = new TensorScope();
            var x = Tensor.Ones([2, 3]);
            _ = (x + 1).MatMul(x);
        });
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Scopes_close_innermost_first()
    {
        var outer = new TensorScope();
        var inner = new TensorScope();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
    }

    [Fact]
    public void A_tensor_that_nobody_disposed_is_given_back_by_its_finalizer()
    {
        var before = Support.SettledLiveTensors();
        Forget();
        Assert.Equal(before, Support.SettledLiveTensors());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget() => _ = Tensor.Ones([10]);
    }

    [Fact]
    public void A_scope_of_one_thread_does_not_take_anothers_tensors()
    {
        using var scope = new TensorScope();
        Tensor? made = null;
        var other = new Thread(() => made = Tensor.Ones([1]));
        other.Start();
        other.Join();
        scope.Dispose();
        Assert.False(made!.IsDisposed);
        made.Dispose();
    }
}
