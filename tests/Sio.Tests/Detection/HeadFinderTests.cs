using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class HeadFinderTests
{
    private const int Count = 8;
    private const int Size = 6;
    private const int Classes = 4;

    private readonly RandomStream _random = RandomStream.For(7, "head");

    [Fact]
    public void The_head_of_a_model_of_Python_is_its_last_layer()
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (var script = jit.load(ImageReference.ScriptPath))
        using (var network = ImageReference.Network())
        {
            var (logits, features) = (Reference("logits", 10), Reference("features", 64));
            var (weight, bias) = ScriptHead.Find(script, logits, features)!.Value;
            Assert.Equal(network.Head.weight.ToArray<float>(), weight.ToArray<float>());
            Assert.Equal(network.Head.bias!.ToArray<float>(), bias.ToArray<float>());

            // Frozen, its weights are constants of the program.
            using var frozen = ScriptModels.Load("reference_frozen");
            Assert.Null(ScriptHead.Find(frozen, logits, features));
            var error = Assert.Throws<DetectionException>(() => ScriptHead.Find(script, features, logits));
            Assert.Contains("expected (logits, features)", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, TensorCount.Settled());

        static Tensor Reference(string what, int width) => torch.tensor(ImageReference.Values(what, "id"), [40, width]);
    }

    // Weights of the head's shape that are not the head, in front and behind; a bias of another layer too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_told_from_others_of_its_shape_with_a_bias_or_without(bool hasBias)
    {
        using var scope = NewDisposeScope();
        var (features, weight, bias) = (Random(Count, Size), Random(Classes, Size), Random(Classes));
        var logits = hasBias ? nn.functional.linear(features, weight, bias) : nn.functional.linear(features, weight, torch.zeros([Classes]));
        (string, Tensor)[] weights =
        [
            ("stem.weight", Random(Classes, Size)), ("norm.running_mean", Random(Classes)), ("conv.weight", Random(Classes, Size, 3, 3)), ("steps", torch.tensor(new long[] { 1L })),
            ("head.weight", weight), ("head.bias", bias), ("other.weight", Random(Classes, Size)), ("other.bias", Random(Classes)), ("scale", Random()),
        ];
        var found = HeadFinder.Find(weights, features, logits)!.Value;
        Assert.Equal(weight.ToArray<float>(), found.Weight.ToArray<float>());
        Assert.Equal(hasBias ? bias.ToArray<float>() : new float[Classes], found.Bias.ToArray<float>());
    }

    [Fact]
    public void A_convolution_over_one_pixel_and_weights_of_double_precision_are_heads_too()
    {
        using var scope = NewDisposeScope();
        var (features, weight) = (Random(Count, Size), Random(Classes, Size));
        var logits = nn.functional.linear(features, weight, torch.zeros([Classes]));
        foreach (var form in new[] { weight.reshape(Classes, Size, 1, 1), weight.to(ScalarType.Float64) })
            Assert.Equal(weight.ToArray<float>(), HeadFinder.Find([("w", form)], features, logits)!.Value.Weight.ToArray<float>());
    }

    [Fact]
    public void What_gives_other_logits_is_no_head()
    {
        using var scope = NewDisposeScope();
        var (features, weight, bias) = (Random(Count, Size), Random(Classes, Size), Random(Classes));
        var logits = nn.functional.linear(features, weight, bias);
        (string, Tensor)[] weights = [("w", weight), ("b", bias)];
        Assert.NotNull(HeadFinder.Find(weights, features, logits));
        Assert.Null(HeadFinder.Find(weights, features, logits * 1.001));
        Assert.Null(HeadFinder.Find(weights, features, logits + 0.01));
        Assert.Null(HeadFinder.Find(weights, features, logits * float.NaN));
        Assert.Null(HeadFinder.Find([("w", weight)], features, logits));
        Assert.Null(HeadFinder.Find([("w", weight.transpose(0, 1)), ("b", bias)], features, logits));
        Assert.Null(HeadFinder.Find([], features, logits));
    }

    // No bias at all is within the tolerance too, and so is that of a small norm layer.
    [Fact]
    public void A_bias_that_is_small_beside_the_logits_is_the_layers_own()
    {
        using var scope = NewDisposeScope();
        var (features, weight, bias, other) = (Random(Count, Size), Random(Classes, Size), Random(Classes) * 1e-5, Random(Classes) * 1e-5);
        var found = HeadFinder.Find([("norm.bias", other), ("fc.weight", weight), ("fc.bias", bias)], features, nn.functional.linear(features, weight, bias))!.Value;
        Assert.Equal(weight.ToArray<float>(), found.Weight.ToArray<float>());
        Assert.Equal(bias.ToArray<float>(), found.Bias.ToArray<float>());
    }

    // Features of zeros say nothing of the weight: any would do.
    [Fact]
    public void Of_several_that_fit_none_is_taken()
    {
        using var scope = NewDisposeScope();
        var (features, bias) = (torch.zeros([Count, Size]), Random(Classes));
        var logits = nn.functional.linear(features, Random(Classes, Size), bias);
        Assert.Null(HeadFinder.Find([("a", Random(Classes, Size)), ("b", Random(Classes, Size)), ("c", bias)], features, logits));
    }

    private Tensor Random(params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)_random.NextGaussian();
        return torch.tensor(values).reshape(shape);
    }
}
