namespace Sio.Torch.Tests;

public sealed class AutogradTests
{
    [Fact]
    public void Backward_adds_up_gradients_in_the_leaves()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.0, 2, 3]);
        x.RequiresGrad = true;
        Assert.True(x.IsLeaf);
        Assert.Null(x.Grad);
        (x * x).Sum().Backward();
        Assert.Equal([2, 4, 6], x.Grad!.ToArray<double>());
        (x * x).Sum().Backward();
        Assert.Equal([4, 8, 12], x.Grad!.ToArray<double>());
        x.Grad = null;
        Assert.Null(x.Grad);
    }

    [Fact]
    public void A_gradient_may_be_given_and_the_graph_kept()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.0, 2]);
        x.RequiresGrad = true;
        var y = x * x;
        y.Backward(Tensor.From([1.0, 10]), retainGraph: true);
        y.Backward(Tensor.From([1.0, 10]));
        Assert.Equal([4, 80], x.Grad!.ToArray<double>());
        var error = Assert.Throws<TorchException>(() => y.Backward(Tensor.From([1.0, 10])));
        Assert.Contains("second time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_reach_inputs_without_touching_leaves()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([3.0]);
        var unused = Tensor.From([1.0]);
        x.RequiresGrad = true;
        unused.RequiresGrad = true;
        var first = (x * x * x).Sum().Gradients([x], createGraph: true)[0]!;
        Assert.Equal(27, first.Item().ToDouble());
        var both = first.Sum().Gradients([x, unused], allowUnused: true);
        Assert.Equal(18, both[0]!.Item().ToDouble());
        Assert.Null(both[1]);
        Assert.Null(x.Grad);
        Assert.Throws<TorchException>(() => (x * x).Sum().Gradients([unused]));
    }

    [Fact]
    public void NoGrad_records_nothing_on_this_thread_only()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2]);
        x.RequiresGrad = true;
        using (GradMode.NoGrad())
        {
            Assert.False((x * 2).RequiresGrad);
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = GradMode.Enabled);
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
            using (GradMode.EnableGrad())
                Assert.True((x * 2).RequiresGrad);
            Assert.False(GradMode.Enabled);
        }

        Assert.True((x * 2).RequiresGrad);
        Assert.False((x * 2).Detach().RequiresGrad);
    }

    [Fact]
    public void A_gradient_that_does_not_fit_is_refused()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2, 3]);
        Assert.Contains("shape [3, 2]", Assert.Throws<TorchException>(() => x.Grad = Tensor.Zeros([3, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("Double", Assert.Throws<TorchException>(() => x.Grad = Tensor.Zeros([2, 3], DType.Float64)).Message, StringComparison.Ordinal);
        Assert.Contains("own gradient", Assert.Throws<TorchException>(() => x.Grad = x).Message, StringComparison.Ordinal);
        Assert.Null(x.Grad);
        var gradient = Tensor.Ones([2, 3]);
        x.Grad = gradient;
        Assert.True(x.Grad!.IsSame(gradient));
    }

    [Fact]
    public void A_tensor_of_integers_cannot_have_gradients()
    {
        using var x = Tensor.From([1L]);
        var error = Assert.Throws<TorchException>(() => x.RequiresGrad = true);
        Assert.Contains("[1] int64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cross_entropy_and_its_gradient_are_the_reference()
    {
        using var scope = new TensorScope();
        var fixture = Support.Fixture("training.json");
        var rows = fixture.GetProperty("inputs").GetProperty("logits").EnumerateArray().Select(row => row.Doubles()).ToArray();
        var target = fixture.GetProperty("inputs").GetProperty("target").Longs();
        var expected = fixture.GetProperty("cross_entropy");
        var logits = Tensor.From(rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length);
        logits.RequiresGrad = true;
        var loss = logits.CrossEntropy(Tensor.From(target));
        loss.Backward();
        Assert.Equal(expected.GetProperty("value").GetDouble(), loss.Item().ToDouble(), 13);
        var gradient = expected.GetProperty("grad_logits").EnumerateArray().SelectMany(row => row.Doubles()).ToArray();
        Support.Near(gradient, logits.Grad!.ToArray<double>(), 1e-15);
    }
}
