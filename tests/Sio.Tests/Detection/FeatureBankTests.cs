using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Networks;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class FeatureBankTests
{
    private static readonly Normalization s_normalization = new([0.4f], [0.3f]);
    private static readonly ImageSet s_images = Images(50);

    [Theory]
    [InlineData("lenet")]
    [InlineData("resnet8_28x28")]
    public void Extract_equals_a_direct_forward_pass_whatever_the_batch_size(string network)
    {
        using var scope = NewDisposeScope();
        using var model = Network(network);
        // Running statistics that differ from a batch's: a bank made in training mode would show.
        using (var warm = NewDisposeScope())
            model.call(torch.rand([8, 1, 28, 28]));
        var input = new float[s_images.Pixels.Length];
        for (var i = 0; i < input.Length; i++)
            input[i] = ((s_images.Pixels[i] / 255f) - 0.4f) / 0.3f;
        using var noGrad = no_grad();
        model.eval();
        var features = model.Features(torch.tensor(input, [50, 1, 28, 28]));
        var (expectedFeatures, expectedLogits) = (features.ToArray<float>(), model.Head.call(features).ToArray<float>());

        foreach (var batchSize in new[] { 1, 7, 50, 256 })
        {
            model.train();
            using var bank = FeatureBank.Extract(model, s_images, s_normalization, batchSize);
            Assert.False(model.training);
            Assert.Equal(s_images.Name, bank.Name);
            Assert.Equal(s_images.Labels, bank.Labels);
            Assert.Equal([50, model.FeatureSize], bank.Features.shape);
            Assert.Equal(expectedFeatures, bank.Features.ToArray<float>(), Close);
            Assert.Equal(expectedLogits, bank.Logits.ToArray<float>(), Close);
            Assert.False(bank.Features.requires_grad);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_set_that_is_read_image_by_image_gives_the_same_bank(int threads)
    {
        var source = new FakeSource(50, new ImageSize(1, 28, 28));
        int[] labels = [.. Enumerable.Range(0, 50).Select(i => i % 6)];
        using var model = Network("lenet");
        using var bank = FeatureBank.Extract(model, new ImageSet("read", source, labels, 6, threads: threads), s_normalization, keepImages: true, 16);
        using var expected = FeatureBank.Extract(model, source.InMemory("read", labels, 6), s_normalization, keepImages: true, 16);
        Assert.Equal(50, source.Reads);
        Assert.Equal(expected.Features.ToArray<float>(), bank.Features.ToArray<float>());
        Assert.Equal(expected.Logits.ToArray<float>(), bank.Logits.ToArray<float>());
        foreach (var (images, right) in bank.Images!.Batches().Zip(expected.Images!.Batches()))
        {
            using (images)
            using (right)
                Assert.Equal(right.ToArray<float>(), images.ToArray<float>());
        }
    }

    [Fact]
    public void Flip_averaging_takes_the_mean_over_an_image_and_its_mirror_image()
    {
        using var model = Network("resnet8_28x28");
        var mirrored = new ImageSet("mirrored", [.. s_images.Pixels.ToArray().Chunk(28).SelectMany(row => row.Reverse())], s_images.Labels, 1, 28, 28, s_images.ClassCount);
        using var plain = FeatureBank.Extract(model, null, s_images, s_normalization, keepImages: false);
        using var turned = FeatureBank.Extract(model, null, mirrored, s_normalization, keepImages: false);
        var before = TensorCount.Settled();
        using var both = FeatureBank.Extract(model, null, s_images, s_normalization, keepImages: false, 16, flipAverage: true);
        Assert.Equal(before + 2, TorchRuntime.LiveTensors);
        using var scope = NewDisposeScope();
        Assert.True((plain.Features - turned.Features).abs().max().ToDouble() > 1e-3);
        Assert.Equal(((plain.Features + turned.Features) / 2).ToArray<float>(), both.Features.ToArray<float>(), Close);
        Assert.Equal(((plain.Logits + turned.Logits) / 2).ToArray<float>(), both.Logits.ToArray<float>(), Close);
    }

    [Fact]
    public void Extract_leaves_two_tensors_until_the_bank_is_disposed_and_none_when_stopped()
    {
        using var model = Network("lenet");
        var before = TensorCount.Settled();
        using (FeatureBank.Extract(model, s_images, s_normalization, 16))
            Assert.Equal(before + 2, TorchRuntime.LiveTensors);
        Assert.Equal(before, TorchRuntime.LiveTensors);

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => FeatureBank.Extract(model, s_images, s_normalization, 16, _ => stop.Cancel(), stop.Token));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Extract_tells_how_many_images_each_batch_had()
    {
        using var model = Network("lenet");
        var told = new List<int>();
        using var bank = FeatureBank.Extract(model, s_images, s_normalization, 16, told.Add);
        Assert.Equal([16, 16, 16, 2], told);
    }

    [Fact]
    public void A_set_without_images_gives_an_empty_bank()
    {
        using var model = Network("lenet");
        using var bank = FeatureBank.Extract(model, s_images.Take(0, 1), s_normalization);
        Assert.Equal(0, bank.Count);
        Assert.Empty(bank.Predictions());
    }

    [Fact]
    public void A_network_with_broken_weights_is_noticed_and_leaves_no_tensor()
    {
        using var model = Network("lenet");
        using (no_grad())
            model.Head.bias!.fill_(float.NaN);
        var before = TensorCount.Settled();
        var error = Assert.Throws<DetectionException>(() => FeatureBank.Extract(model, s_images, s_normalization));
        Assert.Contains("toy: image 0 has a logit that is NaN or infinite", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_no_number_is_refused_with_its_image(float value)
    {
        using var scope = NewDisposeScope();
        foreach (var (image, column) in new[] { (0, 0), (3, 1), (4, 2) })
        {
            var values = new float[15];
            values[(image * 3) + column] = value;
            var error = Assert.Throws<DetectionException>(() => new FeatureBank("far", torch.tensor(values, [5, 3]), torch.zeros([5, 2]), new int[5]));
            Assert.StartsWith($"far: image {image} has a feature", error.Message, StringComparison.Ordinal);
            error = Assert.Throws<DetectionException>(() => new FeatureBank("far", torch.zeros([5, 2]), torch.tensor(values, [5, 3]), new int[5]));
            Assert.StartsWith($"far: image {image} has a logit", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(4, 5, 5)]
    [InlineData(5, 4, 5)]
    [InlineData(5, 5, 4)]
    public void Counts_that_differ_are_refused(int features, int logits, int labels)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<DetectionException>(
            () => new FeatureBank("near", torch.zeros([features, 3]), torch.zeros([logits, 2]), new int[labels]));
        Assert.StartsWith("near: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Predictions_are_the_largest_logits()
    {
        using var scope = NewDisposeScope();
        using var bank = new FeatureBank("id", torch.zeros([4, 1]), torch.tensor(new float[] { 1f, 2, 3, 9, -1, 0, -3, -2, -1, 4, 5, 0 }, [4, 3]), [2, 0, 2, 1]);
        Assert.Equal([2, 0, 2, 1], bank.Predictions());
    }

    [Fact]
    public void Images_the_network_was_not_made_for_are_refused_by_name()
    {
        using var network = Network("resnet8_28x28");
        var small = new ImageSet("small", new byte[2 * 64], [0, 0], 1, 8, 8, 1);
        var error = Assert.Throws<DetectionException>(() => FeatureBank.Extract(network, small, s_normalization));
        Assert.Equal("small: images of 1×8×8, the network was made for 1×28×28", error.Message);
    }

    [Fact]
    public void Features_of_another_type_are_refused()
    {
        using var doubles = torch.zeros([2, 3], dtype: ScalarType.Float64);
        using var logits = torch.zeros([2, 3]);
        Assert.Throws<DetectionException>(() => new FeatureBank("x", doubles, logits, [0, 0]));
    }

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) <= 1e-5f * Math.Max(1, Math.Abs(expected));

    private static Classifier Network(string name)
    {
        using var generator = new Generator(5);
        return Catalog<Classifier>.Create(name, new ClassifierShape(1, 28, 28, 4), generator);
    }

    private static ImageSet Images(int count)
    {
        var random = RandomStream.For(4, "images");
        return new ImageSet(
            "toy", [.. Enumerable.Range(0, count * 784).Select(_ => (byte)random.NextInt(256))], [.. Enumerable.Range(0, count).Select(i => i % 4)], 1, 28, 28, 4);
    }
}
