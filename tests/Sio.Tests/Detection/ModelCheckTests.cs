using Sio.Data;
using Sio.Detection;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Models from elsewhere that are in training mode are refused, however they get to be scored.</summary>
public sealed class ModelCheckTests
{
    [Fact]
    public void A_model_in_evaluation_mode_passes() => Check(images => images.mean([2, 3]));

    [Fact]
    public void Rounding_passes() => Check(images => images.mean([2, 3]).to(ScalarType.BFloat16).to(ScalarType.Float32) * (1 + (rand(1) * 1e-3)));

    [Fact]
    public void Dropout_is_refused() => Assert.Contains("(dropout)", Refused(images => nn.functional.dropout(images.mean([2, 3]), 0.5, training: true)), StringComparison.Ordinal);

    [Fact]
    public void Batch_norm_of_the_batch_is_refused() =>
        Assert.Contains("(batch norm)", Refused(images => nn.functional.batch_norm(images.mean([2, 3]), null, null, null, null, training: true)), StringComparison.Ordinal);

    // One image alone, for which only a larger batch shows it.
    [Fact]
    public void One_image_is_enough() => Assert.Contains("(batch norm)", Refused(images => images.mean([2, 3]) - images.mean(), count: 1), StringComparison.Ordinal);

    [Fact]
    public void A_set_that_is_extracted_is_looked_at()
    {
        byte[] pixels = [.. Enumerable.Range(0, 6 * 2 * 4).Select(i => (byte)(i * 5))];
        var set = new ImageSet("cats", pixels, [0, 1, 0, 1, 0, 1], 2, 2, 2, 2);
        var normalization = new Normalization([0.5f, 0.5f], [0.5f, 0.5f]);
        var error = Assert.Throws<DetectionException>(() => FeatureBank.Extract(new Model(images => images.mean([2, 3]) - images.mean()), set, normalization));
        Assert.Contains("depend on the other images", error.Message, StringComparison.Ordinal);
        FeatureBank.Extract(new Model(images => images.mean([2, 3])), set, normalization).Dispose();
    }

    private static string Refused(Func<Tensor, Tensor> features, int count = 5) => Assert.Throws<DetectionException>(() => Check(features, count)).Message;

    private static void Check(Func<Tensor, Tensor> features, int count = 5)
    {
        using var scope = NewDisposeScope();
        ModelCheck.RefuseTrainingMode(new Model(features), arange(count * 8, dtype: ScalarType.Float32).reshape(count, 2, 2, 2) / 8);
    }

    private sealed class Model(Func<Tensor, Tensor> features) : IDetectionModel
    {
        public IReadOnlyList<float> Std => [1, 1];

        public (Tensor Logits, Tensor Features) Forward(Tensor images)
        {
            var made = features(images);
            return (made * 2, made);
        }

        public IReadOnlyList<Tensor>? FeatureMaps(Tensor images) => null;

        public Tensor LogitsFromStage(int stage, Tensor map) => throw new NotSupportedException();
    }
}
