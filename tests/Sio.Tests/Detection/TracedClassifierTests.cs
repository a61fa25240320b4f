using Sio.Data;
using Sio.Detection;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Tests.Detection;

public sealed class TracedClassifierTests
{
    private static readonly Normalization s_normalization = new([0.4f], [0.3f]);

    [Theory]
    [InlineData("lenet")]
    [InlineData("resnet8_28x28")]
    [InlineData("resnet18_32x32")]
    public void A_trace_gives_what_the_network_gives_and_is_freed(string name)
    {
        using var model = Network(name);
        var before = TensorCount.Settled();
        using (var scope = new TensorScope())
        using (GradMode.NoGrad())
        {
            using var traced = TracedClassifier.TryTrace(model);
            Assert.NotNull(traced);
            Assert.False(model.Training);
            foreach (var count in new[] { 5, 1, 9, 5 })
            {
                var images = Tensor.Randn([count, 1, 28, 28]);
                var (logits, features) = traced.Forward(images);
                var expected = model.Features(images);
                Assert.Equal(expected.ToArray<float>(), features.ToArray<float>(), Close);
                Assert.Equal(model.Head.Forward(expected).ToArray<float>(), logits.ToArray<float>(), Close);
            }
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_large_set_is_traced_with_equal_results_and_a_small_one_is_not()
    {
        using var model = Network("resnet8_28x28");
        var large = Images(FeatureBank.TracedFrom);
        var before = TensorCount.Settled();
        using (var bank = FeatureBank.Extract(model, large, s_normalization, 300))
        using (var eager = FeatureBank.Extract(new ClassifierModel(model, s_normalization), large, s_normalization, batchSize: 300))
        using (var small = FeatureBank.Extract(model, large.Take(0, FeatureBank.TracedFrom - 1), s_normalization))
        {
            Assert.True(bank.IsTraced);
            Assert.False(eager.IsTraced);
            Assert.False(small.IsTraced);
            Assert.Equal(eager.Features.ToArray<float>(), bank.Features.ToArray<float>(), Close);
            Assert.Equal(eager.Logits.ToArray<float>(), bank.Logits.ToArray<float>(), Close);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void One_decision_for_several_sets_holds_whatever_their_size()
    {
        using var model = Network("resnet8_28x28");
        var large = Images(FeatureBank.TracedFrom);
        using var traced = TracedClassifier.TryTrace(model)!;
        using var whole = FeatureBank.Extract(model, traced, large, s_normalization, keepImages: false);
        using var part = FeatureBank.Extract(model, traced, large.Select([.. Enumerable.Range(0, 256)]), s_normalization, keepImages: false);
        Assert.True(whole.IsTraced && part.IsTraced);
        Assert.Equal(whole.Logits.ToArray<float>()[..part.Logits.ToArray<float>().Length], part.Logits.ToArray<float>());
        using var eager = FeatureBank.Extract(model, traced: null, large, s_normalization, keepImages: false);
        Assert.False(eager.IsTraced);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_that_cannot_be_traced_runs_as_it_is(bool failing)
    {
        using var model = new Untraceable(failing);
        var set = Images(FeatureBank.TracedFrom);
        var before = TensorCount.Settled();
        Assert.Null(TracedClassifier.TryTrace(model));
        using (var bank = FeatureBank.Extract(model, set, s_normalization))
        using (var eager = FeatureBank.Extract(new ClassifierModel(model, s_normalization), set, s_normalization))
        {
            Assert.False(bank.IsTraced);
            Assert.Equal(eager.Logits.ToArray<float>(), bank.Logits.ToArray<float>());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static Classifier Network(string name)
    {
        using var generator = new Generator(5);
        var model = Catalog<Classifier>.Create(name, new ClassifierShape(1, 28, 28, 4), generator);
        // Running statistics as after training: at their first values batch norm would change nothing.
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        model.Forward(Tensor.Rand([16, 1, 28, 28], generator));
        return model;
    }

    private static ImageSet Images(int count)
    {
        var random = RandomStream.For(4, "traced");
        return new ImageSet("toy", [.. Enumerable.Range(0, count * 784).Select(_ => (byte)random.NextInt(256))], new int[count], 1, 28, 28, 4);
    }

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) <= 1e-4f * Math.Max(1, Math.Abs(expected));

    /// <summary>A network that reads a number out of its images, which a trace keeps as it was; or one with a weight that is not in its state, which no trace takes.</summary>
    private sealed class Untraceable : Classifier
    {
        private readonly Tensor? _hidden;

        internal Untraceable(bool failing)
            : base(new ClassifierShape(1, 28, 28, 4))
        {
            Head = Register("fc", new Linear(784, 4));
            if (!failing)
                return;
            _hidden = Tensor.Ones([1]).DetachFromScope();
            _hidden.RequiresGrad = true;
        }

        public override Linear Head { get; }

        protected override Tensor FeaturesCore(Tensor images) =>
            _hidden is null ? images.Flatten(1) * images.Max().Item() : images.Flatten(1) * _hidden;

        protected override void Dispose(bool disposing)
        {
            _hidden?.Dispose();
            base.Dispose(disposing);
        }
    }
}
