using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Experiments;
using Sio.Tests.Data;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Images on disk through a TorchScript model: the reference's images, raw and normalised, mapped and not.</summary>
public sealed class ScriptBankTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, long.MaxValue)]
    [InlineData(false, 0)]
    [InlineData(false, long.MaxValue)]
    public void Features_logits_and_ODINs_scores_are_the_references(bool raw, long mapFrom)
    {
        var before = TensorCount.Settled();
        foreach (var split in PosthocReference.Splits)
            Write(split, raw);
        using (var module = ScriptFile.Load(ImageReference.ScriptPath))
        {
            // The originals divide by these, which the normalisation's deviations are roundings of.
            using var divided = new ScriptBank(new BankFolder(_folder.Path) { MapFrom = mapFrom }, module, ImageReference.Normalization.Mean, ImageReference.Normalization.Std);
            using var scope = NewDisposeScope();
            Assert.NotNull(divided.ReadHead());
            Assert.Equal(["test_far", "test_near"], divided.OodSets);
            ImageReference.AssertScores("odin", 2e-3, split =>
            {
                using var bank = divided.Read("test_" + split);
                Assert.Equal(ImageReference.Values("features", split), bank.Features.ToArray<float>(), Close);
                Assert.Equal(ImageReference.Values("logits", split), bank.Logits.ToArray<float>(), Close);
                using var odin = DetectorFactory.Create("odin");
                return odin.Score(bank);
            });
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void Raw_images_give_the_bits_that_normalised_ones_give()
    {
        Write("id", raw: true);
        var (raw, model) = (ImageReference.Images("id"), ImageReference.Normalization);
        var plain = new float[raw.Pixels.Length];
        model.Evaluation().FillPlain(raw, 0, raw.Count, plain);
        Npy.Write<float>(_folder.File("images_near.npy"), plain, raw.Count, 3, 32, 32);
        using var module = ScriptFile.Load(ImageReference.ScriptPath);
        using var bank = new ScriptBank(new BankFolder(_folder.Path), module, model.Mean, model.Std);
        using var scope = NewDisposeScope();
        _ = bank.ReadHead();
        using var id = bank.Read("test_id");
        using var near = bank.Read("test_near");
        Assert.Equal(id.Features.ToArray<float>(), near.Features.ToArray<float>());
        Assert.Equal(id.Logits.ToArray<float>(), near.Logits.ToArray<float>());
    }

    [Theory]
    [InlineData("training_dropout", "(dropout)")]
    [InlineData("training_batch_norm", "(batch norm)")]
    public void A_program_traced_in_training_mode_is_refused(string model, string expected)
    {
        using var module = ScriptModels.Load(model);
        Npy.Write<float>(_folder.File("test_id_images.npy"), [.. Enumerable.Range(0, 4 * 48).Select(i => (i % 7) - 3f)], 4, 3, 4, 4);
        using var bank = new ScriptBank(new BankFolder(_folder.Path), module, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        Assert.Contains(expected, Assert.Throws<DetectionException>(() => bank.ReadHead()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_images_need_no_axis_of_channels()
    {
        using var scope = NewDisposeScope();
        using var module = ScriptModels.Load("rows");
        Npy.Write<byte>(_folder.File("test_id_images.npy"), [.. Enumerable.Range(0, 48).Select(i => (byte)i)], 3, 4, 4);
        using var bank = new ScriptBank(new BankFolder(_folder.Path), module, [0.5f], [0.25f]);
        Assert.Null(bank.ReadHead());
        using var id = bank.Read("test_id");
        Assert.Equal(Enumerable.Range(0, 48).Select(i => ((i / 255f) - 0.5f) / 0.25f).ToArray(), id.Features.ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Written_images_are_read_as_they_were()
    {
        var images = ImageReference.Images("near");
        ScriptBank.WriteImages(_folder.Path, "test_near", images);
        var read = Npy.Read(_folder.File("test_near_images.npy"));
        Assert.Equal([40L, 32L, 32L, 3L], read.Shape);
        var pixels = read.Elements<byte>();
        for (var i = 0; i < 200; i++)
        {
            var (image, row, column, channel) = (i % 40, (i * 7) % 32, (i * 13) % 32, i % 3);
            Assert.Equal(images.Image(image)[(((channel * 32) + row) * 32) + column], pixels[(((((image * 32) + row) * 32) + column) * 3) + channel]);
        }
    }

    // Labels are asked for by accuracy, CCR, OSCR and AURC alone.
    [Fact]
    public void Images_without_labels_get_every_figure_that_needs_none_alone_and_in_an_ensemble()
    {
        foreach (var (split, set) in new[] { ("id", "test_id"), ("near", "test_near"), ("far", "shifted_rain") })
            ScriptBank.WriteImages(_folder.Path, set, ImageReference.Images(split));
        Directory.CreateDirectory(_folder.File("other"));
        foreach (var set in new[] { "test_id", "test_near", "shifted_rain" })
        {
            Npy.Write<float>(_folder.File($"other/{set}_logits.npy"), new float[400], 40, 10);
            Npy.Write<long>(_folder.File($"other/{set}_labels.npy"), new long[40], 40);
        }

        var before = TensorCount.Settled();
        using (var module = ScriptFile.Load(ImageReference.ScriptPath))
        using (var bank = new ScriptBank(new BankFolder(_folder.Path), module, ImageReference.Normalization.Mean, ImageReference.Normalization.Std))
        {
            var report = BankScorer.Score(
                bank, _folder.File("scores"), new ScoreOptions { Detectors = ["msp", "ensemble"], Ensemble = [new BankFolder(_folder.File("other"))] }).Report;
            Assert.Equal(["ensemble", "msp"], report.Detectors.Keys.Order(StringComparer.Ordinal));
            Assert.Null(report.Accuracy);
            Assert.Null(report.Calibration);
            Assert.Equal((null, null), (report.ShiftedId!["rain"].Accuracy, report.ShiftedId["rain"].Calibration));
            var results = report.Detectors["msp"];
            foreach (var near in new[] { results.Sets["near"], results.FullSpectrum!.Sets["near"] })
            {
                Assert.NotNull(near.Autc);
                Assert.Equal((null, null), (near.Ccr1, near.Oscr));
            }

            Assert.Null(results.Aurc);
            Assert.NotEqual(results.Sets["near"].Auroc, results.FullSpectrum.Sets["near"].Auroc);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void Detectors_that_look_at_gradients_are_skipped_where_the_model_gives_none()
    {
        using var scope = NewDisposeScope();
        foreach (var split in new[] { "id", "near" })
            ScriptBank.WriteImages(_folder.Path, "test_" + split, ImageReference.Images(split));
        using var module = ScriptModels.Load("no_gradient");
        using var bank = new ScriptBank(new BankFolder(_folder.Path), module, ImageReference.Normalization.Mean, ImageReference.Normalization.Std);
        var results = BankScorer.Score(bank, _folder.File("scores"));
        Assert.Contains("msp", results.Metrics.Keys);
        foreach (var name in new[] { "odin", "iodin" })
            Assert.StartsWith("the network gives no gradient", results.Skipped[name], StringComparison.Ordinal);
        var error = Assert.Throws<DetectionException>(() => BankScorer.Score(bank, _folder.File("scores"), new ScoreOptions { Detectors = ["odin"] }));
        Assert.StartsWith("odin: the network gives no gradient", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_normalisation_is_read_as_it_was_written_and_nonsense_is_refused()
    {
        Assert.Null(NormalizationFile.Read(_folder.Path));
        NormalizationFile.Write(_folder.Path, ImageReference.Normalization);
        var read = NormalizationFile.Read(_folder.Path)!;
        Assert.Equal(ImageReference.Normalization.Mean, read.Mean);
        Assert.Equal(ImageReference.Normalization.Std, read.Std);
        foreach (var text in new[] { "", "[]", "{}", "{\"mean\": [0.5]}", "{\"mean\": [0.5], \"std\": [0.5, 0.5]}", "{\"mean\": [0.5], \"std\": [0]}", "{\"mean\": [\"x\"], \"std\": [1]}", "null" })
        {
            File.WriteAllText(_folder.File("normalization.json"), text);
            Assert.Contains("normalization.json", Assert.Throws<DataException>(() => NormalizationFile.Read(_folder.Path)).Message, StringComparison.Ordinal);
        }
    }

    private void Write(string split, bool raw)
    {
        var images = ImageReference.Images(split);
        if (raw)
        {
            ScriptBank.WriteImages(_folder.Path, "test_" + split, images);
            return;
        }

        var values = new float[images.Pixels.Length];
        ImageReference.Normalization.Evaluation().FillPlain(images, 0, images.Count, values);
        Npy.Write<float>(_folder.File($"images_{split}.npy"), values, images.Count, 3, 32, 32);
    }

    private static bool Close(float expected, float actual) => Math.Abs(expected - actual) <= 1e-4f * Math.Max(1, Math.Abs(expected));
}
