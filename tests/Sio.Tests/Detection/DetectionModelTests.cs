using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class DetectionModelTests
{
    [Fact]
    public void A_classifier_and_the_same_network_as_TorchScript_give_the_references_logits_and_features()
    {
        var before = TensorCount.Settled();
        using (var network = ImageReference.Network())
        using (var script = jit.load(ImageReference.ScriptPath))
        {
            IDetectionModel[] models = [new ClassifierModel(network, ImageReference.Normalization), new ScriptModel(script, ImageReference.Normalization)];
            foreach (var model in models)
            {
                Assert.Equal(ImageReference.Normalization.Std, model.Std);
                foreach (var split in PosthocReference.Splits)
                {
                    using var bank = FeatureBank.Extract(model, ImageReference.Images(split), ImageReference.Normalization, keepImages: true, 17);
                    Assert.Equal(ImageReference.Values("features", split), bank.Features.ToArray<float>(), Close);
                    Assert.Equal(ImageReference.Values("logits", split), bank.Logits.ToArray<float>(), Close);
                    Assert.Same(model, bank.Images!.Model);
                    Assert.Equal([17, 17, 6], Sizes(bank.Images));
                    Assert.Equal([17, 17, 6], Sizes(bank.Images));
                }

                using var empty = FeatureBank.Extract(model, ImageReference.Images("id").Take(0, 1), ImageReference.Normalization);
                Assert.Equal([0, 64], empty.Features.shape);
                Assert.Equal([0, 10], empty.Logits.shape);
            }
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Theory]
    [InlineData("resnet8_28x28", 3)]
    [InlineData("resnet18_32x32", 4)]
    public void Stages_of_a_network_lead_to_its_logits(string name, int stages)
    {
        using var model = Catalog<Classifier>.Create(name, new ClassifierShape(3, 16, 16, 5), null);
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            var seen = new ClassifierModel(model, ImageReference.Normalization);
            var images = torch.rand([3, 3, 16, 16]);
            var (logits, features) = seen.Forward(images);
            var maps = seen.FeatureMaps(images)!;
            Assert.Equal(stages, maps.Count);
            Assert.Equal(features.ToArray<float>(), maps[^1].mean([2, 3]).ToArray<float>(), Close);
            for (var i = 0; i < stages; i++)
                Assert.Equal(logits.ToArray<float>(), seen.LogitsFromStage(i, maps[i]).ToArray<float>(), Close);
            Assert.Throws<ArgumentOutOfRangeException>(() => seen.LogitsFromStage(stages, maps[0]));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Networks_without_stages_offer_none()
    {
        using var scope = NewDisposeScope();
        using var model = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 5), null);
        var seen = new ClassifierModel(model, new Normalization([0.5f], [0.5f]));
        Assert.Null(seen.FeatureMaps(torch.zeros([1, 1, 28, 28])));
        Assert.Throws<DetectionException>(() => seen.LogitsFromStage(0, torch.zeros([1, 6, 14, 14])));
        using var script = jit.load(ImageReference.ScriptPath);
        var scripted = new ScriptModel(script, ImageReference.Normalization);
        Assert.Null(scripted.FeatureMaps(torch.zeros([1, 3, 32, 32])));
        Assert.Throws<DetectionException>(() => scripted.LogitsFromStage(0, torch.zeros([1, 16, 16, 16])));
    }

    [Fact]
    public void A_TorchScript_model_must_return_logits_and_features()
    {
        using var scope = NewDisposeScope();
        using var example = torch.zeros([2, 3, 4, 4]);
        using var one = ScriptModels.Load("single");
        using var flat = ScriptModels.Load("flat");
        foreach (var module in new[] { one, flat })
        {
            var error = Assert.Throws<DetectionException>(() => new ScriptModel(module, ImageReference.Normalization).Forward(example));
            Assert.Contains("expected logits [2,classes] and features [2,size]", error.Message, StringComparison.Ordinal);
        }
    }

    private static long[] Sizes(BankImages images) => [.. images.Batches().Select(batch =>
    {
        using (batch)
            return batch.size(0);
    })];

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) <= 1e-4f * Math.Max(1, Math.Abs(expected));
}
