using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Networks;

public sealed class NetworkTests
{
    [Theory]
    [MemberData(nameof(NetworkReference.Names), MemberType = typeof(NetworkReference))]
    public void Names_shapes_and_parameter_counts_are_PyTorchs(string name)
    {
        var reference = NetworkReference.All[name];
        using var model = Catalog<Classifier>.Create(name, reference.Shape, null);
        Assert.Equal(
            reference.State.Select(entry => $"{entry.Name} [{string.Join(",", entry.Shape)}]"),
            model.StateDict().Select(entry => $"{entry.Name} [{string.Join(",", entry.Value.shape)}]"));
        Assert.Equal(reference.Parameters, model.ParameterCount());
        Assert.Equal(reference.Eval.Features.Length / reference.Images, model.FeatureSize);
        Assert.Equal(reference.Shape, model.Shape);
        Assert.Equal(name, Catalog<Classifier>.NameOf(model));
    }

    [Theory]
    [MemberData(nameof(NetworkReference.Names), MemberType = typeof(NetworkReference))]
    public void Features_and_logits_are_PyTorchs_in_both_modes(string name)
    {
        var reference = NetworkReference.All[name];
        using var scope = NewDisposeScope();
        using var model = reference.Create();
        using var noGrad = no_grad();
        var input = reference.Input();

        model.eval();
        Compare(model, input, reference.Eval, reference);
        model.train();
        Compare(model, input, reference.Train, reference);
    }

    [Theory]
    [InlineData("resnet8_28x28")]
    [InlineData("resnet18_32x32")]
    [InlineData("resnet18_224x224")]
    public void One_pass_in_training_moves_the_running_statistics_as_PyTorchs(string name)
    {
        var reference = NetworkReference.All[name];
        using var scope = NewDisposeScope();
        using var model = reference.Create();
        model.train();
        model.call(reference.Input());
        var state = model.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.Equal(3, reference.After.Count);
        foreach (var (buffer, expected) in reference.After)
            Near(Array.ConvertAll(expected, value => (float)value), state[buffer].to(ScalarType.Float32).ToArray<float>(), buffer);
    }

    [Theory]
    [MemberData(nameof(NetworkReference.Names), MemberType = typeof(NetworkReference))]
    public void A_pass_leaves_its_result_alone(string name)
    {
        var reference = NetworkReference.All[name];
        using var model = Catalog<Classifier>.Create(name, reference.Shape, null);
        using var input = reference.Input();
        var before = TensorCount.Settled();
        using (var logits = model.call(input))
        {
            Assert.Equal(before + 1, TorchRuntime.LiveTensors);
            Assert.Equal([reference.Images, reference.Classes], logits.shape);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [MemberData(nameof(NetworkReference.Names), MemberType = typeof(NetworkReference))]
    public void Initial_weights_depend_on_the_seed_alone(string name)
    {
        var shape = NetworkReference.All[name].Shape;
        var (first, again, other) = (Weights(1), Weights(1), Weights(2));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        float[] Weights(ulong seed)
        {
            using var generator = new Generator(seed);
            using var model = Catalog<Classifier>.Create(name, shape, generator);
            return [.. model.parameters().SelectMany(parameter => parameter.ToArray<float>().Take(50))];
        }
    }

    [Theory]
    [InlineData(32, 32)]
    [InlineData(28, 27)]
    [InlineData(27, 28)]
    public void LeNet_takes_no_other_image_size(int height, int width)
    {
        var error = Assert.Throws<ArgumentException>(() => Catalog<Classifier>.Create("lenet", new ClassifierShape(1, height, width, 10), null));
        Assert.Contains($"28×28, not {height}×{width}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resnet8_28x28", 4)]
    [InlineData("resnet18_32x32", 8)]
    [InlineData("resnet18_224x224", 64)]
    public void ResNets_take_smaller_images_too(string name, int size)
    {
        using var scope = NewDisposeScope();
        using var model = Catalog<Classifier>.Create(name, new ClassifierShape(2, size, size, 5), null);
        Assert.Equal([3L, 5L], model.call(torch.rand([3, 2, size, size])).shape);
    }

    [Fact]
    public void ResNet18_for_ImageNet_has_torchvisions_size_and_takes_no_small_images()
    {
        using var model = Catalog<Classifier>.Create("resnet18_224x224", new ClassifierShape(3, 224, 224, 1000), null);
        Assert.Equal(11_689_512, model.ParameterCount());
        Assert.Equal(512, model.FeatureSize);
        foreach (var (height, width) in new[] { (63, 64), (64, 63) })
        {
            var error = Assert.Throws<ArgumentException>(() => Catalog<Classifier>.Create("resnet18_224x224", new ClassifierShape(3, height, width, 10), null));
            Assert.Contains($"from 64×64 on, not {height}×{width}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ResNet18_for_ImageNet_begins_with_the_peers_weights()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var model = Catalog<Classifier>.Create("resnet18_224x224", new ClassifierShape(3, 64, 64, 10), generator);
        foreach (var (name, value) in model.StateDict().Where(entry => entry.Value.ndim == 4))
        {
            var values = value.ToArray<float>();
            var expected = Math.Sqrt(2.0 / (value.size(0) * value.size(2) * value.size(3)));
            Assert.Equal(1, Math.Sqrt(values.Average(v => (double)v * v)) / expected, 0.03);
            // Uniform values of this deviation end at 1.73 of it.
            Assert.True(values.Max() > 2.5 * expected, name);
        }
    }

    [Fact]
    public void The_catalog_knows_them_and_an_unknown_name_lists_them()
    {
        Assert.Superset(new HashSet<string> { "lenet", "resnet18_224x224", "resnet18_32x32", "resnet8_28x28" }, Catalog<Classifier>.Names.ToHashSet());
        var error = Assert.Throws<UnknownNameException>(() => Catalog<Classifier>.Create("resnet9", new ClassifierShape(1, 28, 28, 10), null));
        Assert.Contains("'resnet9'", error.Message, StringComparison.Ordinal);
        Assert.All(Catalog<Classifier>.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private static void Compare(Classifier model, Tensor input, ReferenceOutput expected, NetworkReference reference)
    {
        var features = model.Features(input);
        Assert.Equal([reference.Images, model.FeatureSize], features.shape);
        Near(expected.Features, features.ToArray<float>(), "features");
        Near(expected.Logits, model.Head.call(features).ToArray<float>(), "logits");
    }

    // Relative to the largest value: where terms cancel, a small one carries the rounding of the large ones.
    private static void Near(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var tolerance = 1e-4f * expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what} {i}: expected {expected[i]:R}, got {actual[i]:R}");
    }
}
