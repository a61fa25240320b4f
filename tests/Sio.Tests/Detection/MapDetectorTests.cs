using Sio.Engine;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>What every detector must do that is fitted on feature maps.</summary>
public sealed class MapDetectorTests
{
    public static TheoryData<string> Fitted => new(Catalog<Detector>.Names.Where(name =>
    {
        using var detector = Catalog<Detector>.Create(name);
        return detector.Needs.HasFlag(DetectorNeeds.FeatureMaps | DetectorNeeds.TrainingSet);
    }));

    [Fact]
    public void There_are_such_detectors() => Assert.Superset(new HashSet<string> { "gram", "mds_ensemble", "nac" }, Fitted.Select(row => row.Data).ToHashSet());

    [Theory]
    [MemberData(nameof(Fitted))]
    public void In_distribution_images_score_higher(string name)
    {
        using var scope = NewDisposeScope();
        var (model, fit) = Toy();
        using var detector = DetectorFactory.Create(name);
        detector.Fit(fit);
        using var id = Bank(model, "id", 90);
        using var ood = Bank(model, "ood", 90, ood: true);
        var auroc = OodMetrics.Compute(detector.Score(id), detector.Score(ood)).Auroc;
        Assert.True(auroc > 95, $"AUROC {auroc}");
    }

    [Theory]
    [MemberData(nameof(Fitted))]
    public void A_saved_detector_scores_as_before_and_nothing_is_left(string name)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "detector.safetensors");
        using var network = ImageReference.Network();
        var before = TensorCount.Settled();
        using (var detector = DetectorFactory.Create(name))
        using (var train = ReferenceScores.Bank(network, "id", 40))
        using (var validation = ReferenceScores.Bank(network, "near", 40))
        using (var scope = NewDisposeScope())
        {
            var fit = new DetectorFit(train, network.Head.weight.detach(), network.Head.bias!.detach(), validation);
            detector.Fit(fit);
            detector.Fit(fit);
            var expected = detector.Score(validation);
            DetectorFile.Save(path, detector);
            using var loaded = DetectorFile.Load(path);
            Assert.Equal(expected, loaded.Score(validation));

            // Neither batches nor what else is in one matters.
            using var otherwise = ReferenceScores.Bank(network, "near", 7);
            Assert.All(expected.Zip(detector.Score(otherwise)), pair => Assert.Equal(pair.First, pair.Second, 0.02f * Math.Max(1, Math.Abs(pair.First))));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.True(is_grad_enabled());
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Fitted))]
    public void Banks_without_images_and_networks_without_maps_are_refused(string name)
    {
        using var scope = NewDisposeScope();
        var (model, fit) = Toy();
        using var detector = DetectorFactory.Create(name);
        using var features = new FeatureBank("plain", fit.Train!.Features.clone(), fit.Train.Logits.clone(), fit.Train.Labels);
        Assert.Equal(
            $"{name}: needs the images and the network, plain has only features",
            Assert.Throws<DetectionException>(() => detector.Fit(fit with { Train = features })).Message);
        if (detector.Needs.HasFlag(DetectorNeeds.ValidationSet))
            Assert.Contains("plain has only features", Assert.Throws<DetectionException>(() => detector.Fit(fit with { Validation = features })).Message, StringComparison.Ordinal);

        // Among all it is skipped, with that reason; asked for, it is an error.
        using var id = Bank(model, "id", 9);
        using (var all = DetectorRoster.Create(["all"], [], DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet))
            Assert.Equal("needs the images and the network, plain has only features", all.Score(fit with { Train = features }, [id]).Skipped[name]);

        using var script = jit.load(ImageReference.ScriptPath);
        var blind = new ScriptModel(script, ImageReference.Normalization);
        using var bank = FeatureBank.Extract(blind, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        var head = new DetectorFit(bank, torch.zeros([10, 64]), torch.zeros([10]), bank);
        Assert.Equal($"{name}: the network of id offers no feature maps", Assert.Throws<DetectionException>(() => detector.Fit(head)).Message);

        detector.Fit(fit);
        Assert.Throws<DetectionException>(() => detector.Score(features));
        using var fewer = new FeatureBank("fewer", fit.Train.Features.clone(), fit.Train.Logits.clone(), fit.Train.Labels)
        {
            Images = new BankImages(model, () => [ToyMapModel.Blobs("few", 2).Images]),
        };
        Assert.Equal("fewer: 2 images come with 300 rows of features", Assert.Throws<DetectionException>(() => detector.Score(fewer)).Message);
    }

    [Theory]
    [MemberData(nameof(Fitted))]
    public void At_the_edges_scores_are_finite(string name)
    {
        using var scope = NewDisposeScope();
        var (model, fit) = Toy();
        using var id = Bank(model, "id", 9);

        // A class without training images; an image alone scores as among others; more classes than images.
        var (images, labels) = ToyMapModel.Blobs("two classes", 60);
        long[] without = [.. Enumerable.Range(0, 60).Where(i => labels[i] != 1).Select(i => (long)i)];
        using var two = model.Bank(images.index_select(0, torch.tensor(without, [without.Length])), [.. without.Select(i => labels[i])]);
        using var detector = DetectorFactory.Create(name);
        detector.Fit(fit with { Train = two });
        var scores = detector.Score(id);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        using var alone = model.Bank(ToyMapModel.Blobs("id", 9).Images.narrow(0, 4, 1), [1]);
        Assert.Equal(scores[4], Assert.Single(detector.Score(alone)), 1e-4f * Math.Max(1, Math.Abs(scores[4])));
        using var few = Bank(model, "few", 2);
        detector.Fit(fit with { Train = two, Validation = few });
        Assert.All(detector.Score(id), score => Assert.True(float.IsFinite(score)));

        using var none = model.Bank(torch.zeros([0, 8, 2, 2]), []);
        Assert.Contains("no image to fit on", Assert.Throws<DetectionException>(() => detector.Fit(fit with { Train = none })).Message, StringComparison.Ordinal);
    }

    private static (ToyMapModel Model, DetectorFit Fit) Toy()
    {
        var model = ToyMapModel.OfBlobs();
        return (model, model.Fit(Bank(model, "train", 300), Bank(model, "validation", 90)));
    }

    private static FeatureBank Bank(ToyMapModel model, string name, int count, bool ood = false)
    {
        var (images, labels) = ToyMapModel.Blobs(name, count, ood);
        return model.Bank(images, labels, 50);
    }
}
