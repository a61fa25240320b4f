using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class FoldedClassifierTests
{
    private static readonly Normalization s_normalization = new([0.4f], [0.3f]);

    [Theory]
    [InlineData("lenet")]
    [InlineData("resnet8_28x28")]
    [InlineData("resnet18_32x32")]
    public void Folded_it_gives_what_the_network_gives_and_is_freed(string name)
    {
        using var model = Network(name);
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            using var folded = FoldedClassifier.TryFold(model);
            Assert.NotNull(folded);
            Assert.False(model.training);
            foreach (var count in new[] { 5, 1, 9, 5 })
            {
                var images = torch.randn([count, 1, 28, 28]);
                var (logits, features) = folded.Forward(images);
                var expected = model.Features(images);
                Assert.Equal(expected.ToArray<float>(), features.ToArray<float>(), Close);
                Assert.Equal(model.Head.call(expected).ToArray<float>(), logits.ToArray<float>(), Close);
            }
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_large_set_is_folded_with_equal_results_and_a_small_one_is_not()
    {
        using var model = Network("resnet8_28x28");
        var large = Images(FeatureBank.FoldedFrom);
        var before = TensorCount.Settled();
        using (var bank = FeatureBank.Extract(model, large, s_normalization, 300))
        using (var eager = FeatureBank.Extract(new ClassifierModel(model, s_normalization), large, s_normalization, batchSize: 300))
        using (var small = FeatureBank.Extract(model, large.Take(0, FeatureBank.FoldedFrom - 1), s_normalization))
        {
            Assert.True(bank.IsFolded);
            Assert.False(eager.IsFolded);
            Assert.False(small.IsFolded);
            Assert.Equal(eager.Features.ToArray<float>(), bank.Features.ToArray<float>(), Close);
            Assert.Equal(eager.Logits.ToArray<float>(), bank.Logits.ToArray<float>(), Close);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void One_decision_for_several_sets_holds_whatever_their_size()
    {
        using var model = Network("resnet8_28x28");
        var large = Images(FeatureBank.FoldedFrom);
        using var folded = FoldedClassifier.TryFold(model)!;
        using var whole = FeatureBank.Extract(model, folded, large, s_normalization, keepImages: false);
        using var part = FeatureBank.Extract(model, folded, large.Select([.. Enumerable.Range(0, 256)]), s_normalization, keepImages: false);
        Assert.True(whole.IsFolded && part.IsFolded);
        Assert.Equal(whole.Logits.ToArray<float>()[..part.Logits.ToArray<float>().Length], part.Logits.ToArray<float>());
        using var eager = FeatureBank.Extract(model, folded: null, large, s_normalization, keepImages: false);
        Assert.False(eager.IsFolded);
    }

    [Fact]
    public void A_network_whose_batch_norm_runs_elsewhere_is_not_folded()
    {
        using var model = new NormFirst();
        var set = Images(FeatureBank.FoldedFrom);
        var before = TensorCount.Settled();
        Assert.Null(FoldedClassifier.TryFold(model));
        using (var bank = FeatureBank.Extract(model, set, s_normalization))
        using (var eager = FeatureBank.Extract(new ClassifierModel(model, s_normalization), set, s_normalization))
        {
            Assert.False(bank.IsFolded);
            Assert.Equal(eager.Logits.ToArray<float>(), bank.Logits.ToArray<float>());
        }

        // In a smaller type it runs nevertheless, as it is.
        using (NewDisposeScope())
        using (no_grad())
        using (var small = FoldedClassifier.TryFold(model, EvaluationPrecision.Bf16))
        {
            var images = torch.rand([4, 1, 28, 28]);
            Assert.NotNull(small);
            Assert.Equal(model.Features(images).ToArray<float>(), small.Forward(images).Features.ToArray<float>(), Near);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [InlineData("resnet8_28x28")]
    [InlineData("resnet18_32x32")]
    public void Bf16_gives_float32_features_within_its_precision_and_is_freed(string name)
    {
        using var model = Network(name);
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        using (no_grad())
        using (var folded = FoldedClassifier.TryFold(model, EvaluationPrecision.Bf16)!)
        {
            var images = torch.rand([6, 1, 28, 28]);
            var (logits, features) = folded.Forward(images);
            var expected = model.Features(images);
            Assert.Equal((ScalarType.Float32, ScalarType.Float32), (logits.dtype, features.dtype));
            var (error, size) = (linalg.vector_norm((features - expected).flatten()).ToDouble(), linalg.vector_norm(expected.flatten()).ToDouble());
            Assert.InRange(error / size, 1e-5, 0.03); // not 0, or it would have run in float32
            Assert.Equal(model.Head.call(features).ToArray<float>(), logits.ToArray<float>());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static Classifier Network(string name)
    {
        using var generator = new Generator(5);
        var model = Catalog<Classifier>.Create(name, new ClassifierShape(1, 28, 28, 4), generator);
        // Running statistics as after training: at their first values batch norm would change nothing.
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.call(torch.rand([16, 1, 28, 28], generator: generator));
        return model;
    }

    private static ImageSet Images(int count)
    {
        var random = RandomStream.For(4, "folded");
        return new ImageSet("toy", [.. Enumerable.Range(0, count * 784).Select(_ => (byte)random.NextInt(256))], new int[count], 1, 28, 28, 4);
    }

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) <= 1e-4f * Math.Max(1, Math.Abs(expected));

    private static bool Near(float expected, float actual) => Math.Abs(expected - actual) <= 0.03f * Math.Max(1, Math.Abs(expected));

    /// <summary>Registers batch norm behind the convolution and runs it before.</summary>
    private sealed class NormFirst : Classifier
    {
        private readonly Conv2d _conv;
        private readonly BatchNorm2d _norm;

        internal NormFirst()
            : base(new ClassifierShape(1, 28, 28, 4))
        {
            using var generator = new Generator(6);
            _conv = this.Register("conv", new Conv2d(1, 1, 3, padding: 1, generator: generator));
            _norm = this.Register("norm", new BatchNorm2d(1));
            Head = this.Register("fc", new Linear(784, 4, generator: generator));
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            _norm.running_mean.fill_(0.5);
        }

        public override Linear Head { get; }

        protected override Tensor FeaturesCore(Tensor images) => _conv.call(_norm.call(images)).flatten(1);
    }
}
