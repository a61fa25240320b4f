using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Banks on disk: what is written is read, mapped or not, and big ones in pieces.</summary>
public sealed class BankFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_whether_mapped_or_not()
    {
        var before = TensorCount.Settled();
        using (var toy = new ToyBanks())
        {
            Write(toy);
            foreach (var folder in new[] { new BankFolder(_folder.Path), new BankFolder(_folder.Path) { MapFrom = 0 } })
            {
                var (weight, bias) = folder.ReadHead();
                using var read = folder.Read(BankFolder.Train);
                using (weight)
                using (bias)
                {
                    Assert.Equal(toy.Fit.HeadWeight.ToArray<float>(), weight.ToArray<float>());
                    Assert.Equal(toy.Fit.HeadBias.ToArray<float>(), bias.ToArray<float>());
                    Assert.Equal(toy.Fit.Train!.Features.ToArray<float>(), read.Features.ToArray<float>());
                    Assert.Equal(toy.Fit.Train.Logits.ToArray<float>(), read.Logits.ToArray<float>());
                    Assert.Equal(toy.Fit.Train.Labels, read.Labels);
                }
            }

            Assert.Equal(["test_ood"], new BankFolder(_folder.Path).OodSets);
            Assert.False(new BankFolder(_folder.Path).Has(BankFolder.Validation));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    // Whatever detector writes into the images' features ends the process here.
    [Theory]
    [MemberData(nameof(Detectors))]
    public void Every_detector_scores_a_mapped_bank_as_one_in_memory(string name)
    {
        using var toy = new ToyBanks();
        Write(toy, toy.Fit.Validation);
        var folder = new BankFolder(_folder.Path) { MapFrom = 0 };
        var (weight, bias) = folder.ReadHead();
        using var train = folder.Read(BankFolder.Train);
        using var validation = folder.Read(BankFolder.Validation);
        using var ood = folder.Read("test_ood");
        using (weight)
        using (bias)
        {
            using var detector = DetectorFactory.Create(name);
            if ((detector.Needs & (DetectorNeeds.SeveralNetworks | DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps | DetectorNeeds.Images)) != 0)
                return;
            detector.Fit(toy.Fit);
            var expected = detector.Score(toy.Ood);
            detector.Fit(new DetectorFit(train, weight, bias, validation));
            Assert.Equal(expected, detector.Score(ood));
        }
    }

    public static TheoryData<string> Detectors() => [.. Catalog<Detector>.Names];

    [Fact]
    public void A_mapped_file_in_another_order_is_read()
    {
        using var toy = new ToyBanks();
        Write(toy);
        // Taken as they are, the bytes would be misread.
        foreach (var (descr, fortran) in new[] { ("<f4", true), (">f4", false) })
        {
            var expected = Enumerable.Range(0, 16).Select(i => (float)i).ToArray();
            var stored = fortran ? Enumerable.Range(0, 16).Select(i => expected[(i % 2 * 8) + (i / 2)]).ToArray() : expected;
            var bytes = stored.SelectMany(value => descr[0] == '>' ? BitConverter.GetBytes(value).Reverse() : BitConverter.GetBytes(value)).ToArray();
            var header = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': (2, 8), }}".PadRight(117) + "\n";
            _folder.Write("test_ood_features.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. bytes]);
            Npy.Write<float>(_folder.File("test_ood_logits.npy"), new float[6], 2, 3);
            Npy.Write<long>(_folder.File("test_ood_labels.npy"), [-1, -1]);
            var folder = new BankFolder(_folder.Path) { MapFrom = 0 };
            var (weight, bias) = folder.ReadHead();
            using (weight)
            using (bias)
            using (var bank = folder.Read("test_ood"))
                Assert.Equal(expected, bank.Features.ToArray<float>());
        }
    }

    [Fact]
    public void The_image_of_a_value_that_is_no_number_is_found_in_any_piece()
    {
        // More than one piece of the check.
        const int rows = 5, width = 4_000_000;
        var values = new float[rows * width];
        values[(4 * width) + 17] = float.NaN;
        using var scope = NewDisposeScope();
        var error = Assert.Throws<DetectionException>(() => new FeatureBank("big", TensorMemory.Wrap(values, rows, width), torch.zeros([rows, 3]), new int[rows]));
        Assert.StartsWith("big: image 4 ", error.Message, StringComparison.Ordinal);

        // Large values whose sum overflows are numbers all the same.
        using var large = new FeatureBank("large", torch.full([4, 2], float.MaxValue, dtype: ScalarType.Float32), torch.zeros([4, 3]), new int[4]);
        Assert.Equal(4, large.Count);
    }

    [Fact]
    public void A_file_that_holds_less_is_not_mapped()
    {
        var path = _folder.Write("bytes", new byte[40]);
        Assert.Throws<ArgumentException>(() => TensorMemory.Map(path, 8, ScalarType.Float32, 9));
        Assert.Throws<ArgumentException>(() => TensorMemory.Map(path, 2, ScalarType.Float32, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorMemory.Map(path, 0, ScalarType.Float32, 0));
        using var whole = TensorMemory.Map(path, 8, ScalarType.Float32, 2, 4);
        Assert.Equal(new float[8], whole.ToArray<float>());
    }

    [Theory]
    [InlineData(NpyType.Float64)]
    [InlineData(NpyType.Float16)]
    public void Other_floating_point_types_are_converted(NpyType type)
    {
        using var toy = new ToyBanks();
        Write(toy);
        foreach (var file in Directory.GetFiles(_folder.Path, "*.npy").Where(file => Npy.Read(file).Type == NpyType.Float32))
        {
            var array = Npy.Read(file);
            Npy.Write(file, type == NpyType.Float64
                ? NpyArray.Create(Array.ConvertAll(array.Elements<float>(), value => (double)value), array.Shape)
                : NpyArray.Create(Array.ConvertAll(array.Elements<float>(), value => (Half)value), array.Shape));
        }

        var folder = new BankFolder(_folder.Path);
        var (weight, bias) = folder.ReadHead();
        using (weight)
        using (bias)
        {
            using var read = folder.Read(BankFolder.Id);
            Assert.Equal(Rounded(toy.Id.Features), read.Features.ToArray<float>());
            Assert.Equal(Rounded(toy.Id.Logits), read.Logits.ToArray<float>());
            Assert.Equal(Rounded(toy.Fit.HeadWeight), weight.ToArray<float>());
            using var logits = folder.ReadLogits(BankFolder.Id, read);
            Assert.Equal(Rounded(toy.Id.Logits), logits.ToArray<float>());
        }

        float[] Rounded(Tensor tensor) => Array.ConvertAll(tensor.ToArray<float>(), value => type == NpyType.Float64 ? value : (float)(Half)value);
    }

    [Fact]
    public void A_value_that_float32_cannot_hold_is_named()
    {
        using var toy = new ToyBanks();
        Write(toy);
        var path = Path.Combine(_folder.Path, "test_id_features.npy");
        var array = Npy.Read(path);
        var values = Array.ConvertAll(array.Elements<float>(), value => (double)value);
        values[5] = 1e40;
        Npy.Write(path, NpyArray.Create(values, array.Shape));
        var folder = new BankFolder(_folder.Path);
        var (weight, bias) = folder.ReadHead();
        using (weight)
        using (bias)
            Assert.Contains("value 5 is 1E+40", Assert.Throws<DataException>(() => folder.Read(BankFolder.Id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_OOD_set_needs_no_labels()
    {
        using var toy = new ToyBanks();
        Write(toy);
        File.Delete(Path.Combine(_folder.Path, "test_ood_labels.npy"));
        var folder = new BankFolder(_folder.Path);
        var (weight, bias) = folder.ReadHead();
        using (weight)
        using (bias)
        {
            using var ood = folder.Read("test_ood");
            Assert.All(ood.Labels, label => Assert.Equal(ImageSet.OodLabel, label));
            using var logits = folder.ReadLogits("test_ood", ood);
            Assert.Equal(ood.Logits.ToArray<float>(), logits.ToArray<float>());
            // Of an ID set they are needed.
            File.Delete(Path.Combine(_folder.Path, "test_id_labels.npy"));
            Assert.Contains("test_id_labels.npy", Assert.Throws<DataException>(() => folder.Read(BankFolder.Id)).Message, StringComparison.Ordinal);
        }
    }

    private void Write(ToyBanks toy, FeatureBank? validation = null)
    {
        var sets = new List<(string, FeatureBank)> { (BankFolder.Train, Copy(toy.Fit.Train!)), ("test_id", Copy(toy.Id)), ("test_ood", Copy(toy.Ood)) };
        if (validation is not null)
            sets.Add((BankFolder.Validation, Copy(validation)));
        new BankFolder(_folder.Path).Write((toy.Fit.HeadWeight, toy.Fit.HeadBias), sets);
    }

    private static FeatureBank Copy(FeatureBank bank) => new(bank.Name, bank.Features.clone(), bank.Logits.clone(), bank.Labels);
}
