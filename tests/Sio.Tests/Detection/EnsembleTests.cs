using Sio.Data;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using Sio.Experiments;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>The deep ensemble: worked out by hand, as there are no reference values; then whole, from a bank's folder.</summary>
public sealed class EnsembleTests
{
    // Two members: (0.9, 0.1) and (0.5, 0.5) on the first image, (0.8, 0.2) both on the second. The logarithms are the logits.
    private static readonly double[][] s_first = [[0.9, 0.1], [0.8, 0.2]];
    private static readonly double[][] s_second = [[0.5, 0.5], [0.8, 0.2]];

    [Fact]
    public void Every_measure_follows_its_formula()
    {
        var entropy = (0.7 * Math.Log(0.7)) + (0.3 * Math.Log(0.3));
        var own = (0.9 * Math.Log(0.9)) + (0.1 * Math.Log(0.1)) + Math.Log(0.5);
        var alike = (0.8 * Math.Log(0.8)) + (0.2 * Math.Log(0.2));
        Near([0.7, 0.8], PredictionMeasure.MaxProbability);
        Near([entropy, alike], PredictionMeasure.Entropy);
        Near([entropy - (own / 2), 0], PredictionMeasure.MutualInformation);
        // Logits moved by 2 and 4, which changes no probability: log Σ eᶻ is 2 and 4.
        Near([3, 3], PredictionMeasure.Energy, 2, 4);
        // The geometric mean: odds √(9·1) = 3, so 3/4.
        Near([0.75, 0.8], PredictionMeasure.MeanLogits);
    }

    [Fact]
    public void Members_of_equal_logits_change_nothing()
    {
        using var scope = NewDisposeScope();
        using var bank = PosthocReference.Bank("near");
        for (var m = 0; m < 3; m++)
            bank.AddMember(bank.Logits.clone());
        using var msp = new Msp();
        using var ensemble = new Ensemble();
        Assert.All(msp.Score(bank).Zip(ensemble.Score(bank)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        using var disagreement = new Ensemble { Measure = PredictionMeasure.MutualInformation };
        Assert.All(disagreement.Score(bank), score => Assert.InRange(score, -1e-7f, 0f));
    }

    // Three blocks, the last one short; and probabilities that vanish.
    [Fact]
    public void Each_measure_is_another_score_and_blocks_change_none()
    {
        using var scope = NewDisposeScope();
        using var near = PosthocReference.Bank("near");
        using var repeated = RepeatedBank.Of(near, 10);
        using var other = PosthocReference.Bank("id");
        using var repeatedOther = RepeatedBank.Of(other, 10);
        near.AddMember(other.Logits * 40);
        repeated.AddMember(repeatedOther.Logits * 40);
        var all = Enum.GetValues<PredictionMeasure>().Select(measure =>
        {
            using var detector = new Ensemble { Measure = measure };
            var once = detector.Score(near);
            Assert.Equal(Enumerable.Repeat(once, 10).SelectMany(scores => scores), detector.Score(repeated));
            return once;
        }).ToArray();
        for (var i = 0; i < all.Length; i++)
            Assert.All(all[..i], before => Assert.False(before.AsSpan().SequenceEqual(all[i])));
        using var set = (Ensemble)DetectorFactory.Create("ensemble", ["ensemble.measure=mutual_information"]);
        Assert.Equal(all[(int)PredictionMeasure.MutualInformation], set.Score(near));
    }

    [Fact]
    public void One_network_is_no_ensemble()
    {
        using var toy = new ToyBanks();
        using var detector = new Ensemble();
        Assert.Equal("ensemble: needs several networks, id has the logits of one", Assert.Throws<DetectionException>(() => detector.Score(toy.Id)).Message);
        using var roster = DetectorRoster.Create(["all"], [], DetectorNeeds.TrainingSet);
        Assert.Contains("--ensemble", roster.Score(toy.Fit, [toy.Id]).Skipped["ensemble"], StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_do_not_fit_are_refused_and_stay_their_owners()
    {
        using var scope = NewDisposeScope();
        using var bank = RowBanks.Of([[1], [2]], [0, 1], 3);
        Assert.Contains("further network", Assert.Throws<DetectionException>(() => bank.AddMember(torch.zeros([2, 4]))).Message, StringComparison.Ordinal);
        Assert.Throws<DetectionException>(() => bank.AddMember(torch.zeros([3, 3])));
        Assert.Throws<DetectionException>(() => bank.AddMember(torch.zeros([2, 3], dtype: ScalarType.Float64)));
        var broken = torch.tensor(new float[] { 0f, 0, 0, 0, float.NaN, 0 }, [2, 3]);
        Assert.Contains("image 1 has a logit of a further network", Assert.Throws<DetectionException>(() => bank.AddMember(broken)).Message, StringComparison.Ordinal);
        Assert.Equal(6, broken.ToArray<float>().Length);
        Assert.Empty(bank.Members);
    }

    [Fact]
    public void A_single_image_and_a_single_class_are_scored()
    {
        using var scope = NewDisposeScope();
        using var bank = RowBanks.Of([[1]], [0], 1);
        bank.AddMember(torch.ones([1, 1]));
        foreach (var measure in Enum.GetValues<PredictionMeasure>())
        {
            using var detector = new Ensemble { Measure = measure };
            Assert.True(float.IsFinite(Assert.Single(detector.Score(bank))));
        }
    }

    [Fact]
    public void Banks_of_further_networks_make_an_ensemble()
    {
        using var folder = new TempFolder();
        var before = TensorCount.Settled();
        using (var toy = new ToyBanks())
        {
            var (own, other) = (new BankFolder(folder.File("own")), new BankFolder(folder.File("other")));
            Write(own, toy, 1);
            Write(other, toy, 0.5f);

            // Of a further bank logits and labels are enough.
            File.Delete(folder.File("other/fc_weight.npy"));
            File.Delete(folder.File("other/test_id_features.npy"));
            string[] names = ["msp", "ensemble", "combine"];
            var results = BankScorer.Score(
                own, folder.File("scores"), new ScoreOptions { Detectors = names, Settings = ["combine.detectors=[ensemble, ebo]"], Ensemble = [other] });
            Assert.Equal(names.Order(StringComparer.Ordinal), results.Metrics.Keys.Order(StringComparer.Ordinal));
            using var halved = toy.Id.Logits * 0.5f;
            using var first = toy.Id.Logits.softmax(1);
            using var second = halved.softmax(1);
            using var sum = first + second;
            var expected = sum.ToArray<float>().Chunk(3).Select(row => row.Max() / 2).ToArray();
            Assert.All(expected.Zip(Npy.Read(folder.File("scores/ensemble/test_id.npy")).Elements<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

            Assert.Contains("twice", Refused([own]), StringComparison.Ordinal);
            Assert.Contains("twice", Refused([other, new BankFolder(other.Path + "/")]), StringComparison.Ordinal);
            var labels = (long[])[.. toy.Id.Labels.Select(label => (long)label)];
            labels[17] = (labels[17] + 1) % 3;
            Npy.Write<long>(folder.File("other/test_id_labels.npy"), labels, labels.Length);
            Assert.Contains("image 17 has the label", Refused([other]), StringComparison.Ordinal);
            Npy.Write<float>(folder.File("other/test_ood_logits.npy"), new float[4 * 100], 100, 4);
            Npy.Write<long>(folder.File("other/test_id_labels.npy"), [.. toy.Id.Labels.Select(label => (long)label)], labels.Length);
            Assert.Contains("(100, 3)", Refused([other]), StringComparison.Ordinal);
            Npy.Write<float>(folder.File("other/test_ood_logits.npy"), new float[3 * 99], 99, 3);
            Assert.Contains("test_ood_logits.npy", Refused([other]), StringComparison.Ordinal);
            File.Delete(folder.File("other/test_ood_logits.npy"));
            Assert.Contains("test_ood_logits.npy", Refused([other]), StringComparison.Ordinal);

            string Refused(BankFolder[] ensemble) => Assert.Throws<DataException>(() => BankScorer.Score(own, folder.File("refused"), new ScoreOptions { Detectors = names, Ensemble = ensemble })).Message;
        }

        Assert.False(Directory.Exists(folder.File("refused")));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static void Write(BankFolder folder, ToyBanks toy, float scale)
    {
        FeatureBank Copy(FeatureBank bank) => new(bank.Name, bank.Features.clone(), bank.Logits * scale, bank.Labels);
        folder.Write((toy.Fit.HeadWeight, toy.Fit.HeadBias), [
            (BankFolder.Train, Copy(toy.Fit.Train!)), (BankFolder.Validation, Copy(toy.Fit.Validation!)), (BankFolder.Id, Copy(toy.Id)), ("test_ood", Copy(toy.Ood))]);
    }

    private static void Near(double[] expected, PredictionMeasure measure, double firstShift = 0, double secondShift = 0)
    {
        using var scope = NewDisposeScope();
        float[] Logits(double[][] probabilities, double shift) => [.. probabilities.SelectMany(row => row).Select(p => (float)(Math.Log(p) + shift))];
        using var bank = FeatureEdgeCases.Bank([0, 0], 1, Logits(s_first, firstShift));
        bank.AddMember(torch.tensor(Logits(s_second, secondShift), [2, 2]));
        using var detector = new Ensemble { Measure = measure };
        Assert.All(expected.Zip(detector.Score(bank)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }
}
