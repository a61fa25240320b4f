using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class RankFeatTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(7)]
    [InlineData(1)]
    public void Scores_are_the_originals_whatever_the_batch_size(int batchSize)
    {
        using var network = ImageReference.Network();
        var before = TensorCount.Settled();
        ImageReference.AssertScores("rankfeat", 1e-3, split => Score(new RankFeat(), network, split, batchSize));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void The_temperature_changes_the_scores()
    {
        using var network = ImageReference.Network();
        Assert.NotEqual(Score(new RankFeat(), network, "id", 40), Score((RankFeat)DetectorFactory.Create("rankfeat", ["rankfeat.temperature=3"]), network, "id", 40));
    }

    [Fact]
    public void A_map_of_rank_one_leaves_the_bias_of_the_head()
    {
        // Last stage: more positions than channels; the stage before: fewer. Both maps are u vᵀ, so nothing is left and the logits are zero: T · log C.
        using var scope = NewDisposeScope();
        var model = new RankOneModel();
        using var bank = new FeatureBank("toy", torch.zeros([2, 3]), torch.zeros([2, 4]), new int[2]) { Images = new BankImages(model, () => [torch.zeros([2, 1, 1, 1])]) };
        using var detector = new RankFeat { Temperature = 2 };
        Assert.All(detector.Score(bank), score => Assert.Equal(2 * Math.Log(4), score, 1e-5));
    }

    [Fact]
    public void Networks_and_settings_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var script = jit.load(ImageReference.ScriptPath);
        using var bank = FeatureBank.Extract(
            new ScriptModel(script, ImageReference.Normalization), ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        using var detector = new RankFeat();
        Assert.Equal("rankfeat: the network of id offers no feature maps", Assert.Throws<DetectionException>(() => detector.Score(bank)).Message);
        using var features = PosthocReference.Bank("id");
        Assert.Throws<DetectionException>(() => detector.Score(features));
        using var network = ImageReference.Network();
        foreach (var temperature in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<DetectionException>(() => Score(new RankFeat { Temperature = temperature }, network, "id", 40));
    }

    private static float[] Score(RankFeat detector, Classifier network, string split, int batchSize)
    {
        using var bank = FeatureBank.Extract(network, ImageReference.Images(split), ImageReference.Normalization, keepImages: true, batchSize);
        using (detector)
            return detector.Score(bank);
    }

    /// <summary>Two stages, whose maps are products of a column and a row; logits are sums of a map.</summary>
    private sealed class RankOneModel : IDetectionModel
    {
        public IReadOnlyList<float> Std => [1];

        public (Tensor Logits, Tensor Features) Forward(Tensor images) => throw new InvalidOperationException("not asked for");

        public IReadOnlyList<Tensor>? FeatureMaps(Tensor images) => [Map(5, 4), Map(3, 16)];

        public Tensor LogitsFromStage(int stage, Tensor map) => map.flatten(1).sum(1, keepdim: true).expand(2, 4);

        private static Tensor Map(int channels, int positions)
        {
            var side = (int)Math.Sqrt(positions);
            var column = torch.arange(1, channels + 1, 1, dtype: ScalarType.Float32).reshape(channels, 1);
            var row = torch.arange(2, positions + 2, 1, dtype: ScalarType.Float32).reshape(1, positions);
            return column.matmul(row).reshape(1, channels, side, side).expand(2, channels, side, side);
        }
    }
}
