using Sio.Engine;
using Sio.Data;
using Sio.Detection;
using Sio.Recipes;
using Sio.Tests.Data;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>What every detector must do: be made from settings, be saved and loaded, refuse what does not fit.</summary>
public sealed class DetectorFileTests
{
    /// <summary>Detectors that score from a bank alone.</summary>
    public static TheoryData<string> FromBanks => new(Catalog<Detector>.Names.Where(name =>
    {
        using var detector = Catalog<Detector>.Create(name);
        return (detector.Needs & (DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps | DetectorNeeds.Images | DetectorNeeds.SeveralNetworks)) == 0;
    }));

    [Theory]
    [MemberData(nameof(FromBanks))]
    public void A_saved_detector_scores_as_before(string name)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "detector.safetensors");
        using var bank = PosthocReference.Bank("id");
        using var detector = DetectorFactory.Create(name);
        Fit(detector);
        var expected = detector.Score(bank);
        DetectorFile.Save(path, detector);
        using var loaded = DetectorFile.Load(path);
        Assert.Equal(name, loaded.Name);
        Assert.Equal(expected, loaded.Score(bank));
    }

    [Fact]
    public void A_flipped_bit_of_a_fitted_detector_is_seen()
    {
        using var folder = new TempFolder();
        var path = folder.File("knn.safetensors");
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var bank = new FeatureBank("train", TorchSharp.torch.rand(9, 4), TorchSharp.torch.rand(9, 3), [0, 1, 2, 0, 1, 2, 0, 1, 2]);
        using var detector = DetectorFactory.Create("knn", ["knn.k=2"]);
        detector.Fit(new DetectorFit(bank, TorchSharp.torch.rand(3, 4), TorchSharp.torch.rand(3)));
        DetectorFile.Save(path, detector);
        DetectorFile.Load(path).Dispose();
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("is damaged", Assert.Throws<DataException>(() => DetectorFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_needs_no_fitting_is_saved_without_it()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "detector.safetensors");
        using var bank = PosthocReference.Bank("id");
        using var msp = DetectorFactory.Create("msp");
        DetectorFile.Save(path, msp);
        using var loaded = DetectorFile.Load(path);
        Assert.Equal(msp.Score(bank), loaded.Score(bank));
    }

    [Theory]
    [MemberData(nameof(FromBanks))]
    public void A_detector_leaves_no_tensors(string name)
    {
        var before = TensorCount.Settled();
        using (var bank = PosthocReference.Bank("id"))
        using (var detector = DetectorFactory.Create(name))
        {
            Fit(detector);
            Fit(detector);
            _ = detector.Score(bank);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [MemberData(nameof(FromBanks))]
    public void Hyper_parameters_have_descriptions(string name) =>
        Assert.All(DetectorFactory.HyperParameters(name), key => Assert.False(string.IsNullOrWhiteSpace(key.Description), key.Path));

    [Fact]
    public void Settings_are_checked()
    {
        using var knn = (Sio.Detection.Detectors.Knn)DetectorFactory.Create("knn", ["ebo.temperature=2", "knn.k=3", "knn.K=7"]);
        Assert.Equal(7, knn.K);
        Assert.Contains("did you mean", Assert.Throws<RecipeException>(() => DetectorFactory.Create("ebo", ["ebo.temprature=2"])).Message, StringComparison.Ordinal);
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("knn", ["knn.k=many"]));

        // As it was given, detector included.
        Assert.Equal("--set knn.q=5: unknown key 'q'; known keys here: k", Assert.Throws<RecipeException>(() => DetectorFactory.Create("knn", ["knn.q=5"])).Message);
        Assert.Equal("--set msp.q=5: unknown key 'q'; there are no keys here", Assert.Throws<RecipeException>(() => DetectorFactory.Check(["msp.q=5"])).Message);
        Assert.Throws<UnknownNameException>(() => DetectorFactory.Create("nothing"));
        DetectorFactory.Check(["knn.k=5"]);
        Assert.Throws<UnknownNameException>(() => DetectorFactory.Check(["nothing.k=5"]));
        Assert.Throws<RecipeException>(() => DetectorFactory.Check(["k=5"]));
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "detector.safetensors");
        Assert.Throws<DataException>(() => DetectorFile.Load(path));
        using (var detector = DetectorFactory.Create("knn"))
        {
            Assert.Throws<DetectionException>(() => DetectorFile.Save(path, detector));
            Fit(detector);
            DetectorFile.Save(path, detector);
        }

        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 20))
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<DataException>(() => DetectorFile.Load(path));
        }
    }

    private static void Fit(Detector detector)
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        detector.Fit(fit);
        fit.Train!.Dispose();
        fit.Validation?.Dispose();
    }
}
