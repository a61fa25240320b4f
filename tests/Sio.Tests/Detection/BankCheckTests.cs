using Sio.Data;
using Sio.Detection;
using Sio.Experiments;
using Sio.Tests.Data;

namespace Sio.Tests.Detection;

/// <summary>Banks whose parts do not belong together are scored, and it is said.</summary>
public sealed class BankCheckTests : IDisposable
{
    private const int Size = 6, Classes = 3, Count = 40;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bank_of_one_network_gives_no_warning() => Assert.Empty(Score(logits => logits));

    // 8 bits of mantissa, as autocast leaves them.
    [Fact]
    public void Logits_of_16_bits_give_no_warning() =>
        Assert.Empty(Score(logits => Array.ConvertAll(logits, value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000))));

    [Fact]
    public void Another_networks_last_layer_is_told_with_the_largest_difference()
    {
        var warnings = Score(logits => logits, weight => [.. weight.Select((value, i) => i == 0 ? value + 10 : value)]);
        // Only the first weight differs, by 10: the difference is 10 times the largest first feature.
        var features = Npy.Read(_folder.File("bank/train_features.npy")).Elements<float>();
        var largest = Enumerable.Range(0, Count).Max(i => Math.Abs(features[i * Size])) * 10;
        Assert.Contains(FormattableString.Invariant($"train: the logits are not features · fc_weightᵀ + fc_bias: the largest difference is {largest:G4}"), warnings[0], StringComparison.Ordinal);
        Assert.Contains("test_id, test_near", warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_in_another_order_are_called_that() =>
        Assert.Contains("the classes in another order", Score(logits => [.. logits.Chunk(Classes).SelectMany(row => new[] { row[1], row[2], row[0] })])[0], StringComparison.Ordinal);

    [Fact]
    public void Probabilities_are_called_that() => Assert.Contains("train: the logits are probabilities", Score(Softmax)[0], StringComparison.Ordinal);

    [Fact]
    public void Logarithms_of_probabilities_are_called_that() =>
        Assert.Contains("logarithms of probabilities", Score(logits => Array.ConvertAll(Softmax(logits), MathF.Log))[0], StringComparison.Ordinal);

    // A difference in one set alone is found there.
    [Fact]
    public void One_set_of_another_network_is_named()
    {
        var warnings = Score(logits => logits, other: "test_near");
        Assert.StartsWith("test_near: the logits are not", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static float[] Softmax(float[] logits) => [.. logits.Chunk(Classes).SelectMany(row => row.Select(z => MathF.Exp(z) / row.Sum(MathF.Exp)))];

    private List<string> Score(Func<float[], float[]> stored, Func<float[], float[]>? layer = null, string? other = null)
    {
        var random = new Random(3);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
        var bank = Directory.CreateDirectory(_folder.File("bank")).FullName;
        float[] weight = Values(Classes * Size), bias = Values(Classes);
        Npy.Write<float>(Path.Combine(bank, "fc_weight.npy"), layer?.Invoke(weight) ?? weight, Classes, Size);
        Npy.Write<float>(Path.Combine(bank, "fc_bias.npy"), bias, Classes);
        foreach (var set in new[] { "train", "test_id", "test_near" })
        {
            var features = Values(Count * Size);
            var logits = stored([.. features.Chunk(Size).SelectMany(row => Enumerable.Range(0, Classes).Select(c => bias[c] + row.Select((value, d) => value * weight[(c * Size) + d]).Sum()))]);
            Npy.Write<float>(Path.Combine(bank, $"{set}_features.npy"), set == other ? Values(Count * Size) : features, Count, Size);
            Npy.Write<float>(Path.Combine(bank, $"{set}_logits.npy"), logits, Count, Classes);
            Npy.Write<long>(Path.Combine(bank, $"{set}_labels.npy"), [.. Enumerable.Range(0, Count).Select(i => set == "test_near" ? -1L : i % Classes)], Count);
        }

        var observer = new Listener();
        BankScorer.Score(new BankFolder(bank), _folder.File("scores"), new ScoreOptions { Detectors = ["ebo"] }, observer);
        return observer.Warnings;
    }

    private sealed class Listener : RunObserver
    {
        internal List<string> Warnings { get; } = [];

        public override void Warn(string message) => Warnings.Add(message);
    }
}
