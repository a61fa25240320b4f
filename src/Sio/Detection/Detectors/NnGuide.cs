using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>Which training images make the bank of <see cref="NnGuide"/> where not all of them do.</summary>
public enum NnGuideBank
{
    /// <summary>Images drawn at random, always the same ones.</summary>
    Random,

    /// <summary>Whole batches of 128 from the first image on, until they hold more than the fraction asked for, as OpenOOD's code has it.</summary>
    FirstBatches,
}

/// <summary>
/// Energy, guided by neighbours: lse(z) · mean of the K largest ⟨f̂, b_i⟩ over a bank of training images, b_i = f̂_i·lse(z_i), f̂ = f/‖f‖ + 1e-10.
/// Park, Jung &amp; Teoh 2023, "Nearest Neighbor Guidance for Out-of-Distribution Detection", eq. 5 to 7; the constant is OpenOOD's.
/// </summary>
/// <remarks>
/// All training images make the bank by default. OpenOOD asks for 1 % of them but takes whole batches from the start, and so depends on the order
/// of the images; <c>alpha=0.01</c> with <c>bank=first_batches</c> gives its scores. An image whose features are all zero keeps them so. A bank of 2 GiB and
/// more, which may be larger than memory, is not copied but made block by block as it is looked through.
/// </remarks>
[CatalogEntry("nnguide", "energy times the mean energy-weighted likeness to the nearest training features", Paper = "Park, Jung & Teoh 2023")]
public sealed class NnGuide : Detector
{
    private const string Guides = "bank";
    private const string Features = "features";
    private const string Energies = "energies";
    private const int PeerBatch = 128;

    /// <summary>How many neighbours count, at least 1 and at most as many as the bank holds.</summary>
    [Describe("How many neighbours are averaged; at most the number of images in the bank.")]
    [Range(1, int.MaxValue)]
    [Grid(100)]
    public int K { get; init; } = 100;

    /// <summary>Share of the training images that make the bank, above 0 and at most 1.</summary>
    [Describe("Fraction of the training images that make the bank, above 0 and at most 1.")]
    [Range(0.0, 1.0)]
    public double Alpha { get; init; } = 1;

    /// <summary>Which images make the bank where not all of them do.</summary>
    [Describe("Images of the bank where alpha is below 1: random, or first_batches (whole batches of 128 from the start), as OpenOOD does.")]
    public NnGuideBank Bank { get; init; } = NnGuideBank.Random;

    /// <summary>Banks of so many bytes and more are not copied.</summary>
    internal long CopiedBelow { get; init; } = LargestProducts.CopiedBelow;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Logits | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var train = fit.Train!;
        if (!(Alpha > 0 && Alpha <= 1))
            throw Refuse($"alpha = {Alpha} must be above 0 and at most 1");
        var count = BankCount(train.Count);
        if (K < 1 || K > count)
            throw Refuse($"k = {K} must be from 1 to the number of images in the bank, which is {count} of {train.Count} with alpha = {Alpha}");
        var (features, logits) = (train.Features, train.Logits);
        if (count < train.Count && Bank == NnGuideBank.FirstBatches)
        {
            (features, logits) = (features.narrow(0, 0, count), logits.narrow(0, 0, count));
        }
        else if (count < train.Count)
        {
            var rows = RandomStream.For(0, "nnguide").Permutation(train.Count).Take(count).Order().Select(row => (long)row).ToArray();
            var index = torch.tensor(rows, [count]);
            (features, logits) = (features.index_select(0, index), logits.index_select(0, index));
        }

        var energies = logits.logsumexp(1, keepdim: true);
        if (features.numel() * sizeof(float) < CopiedBelow)
        {
            State.Keep(Guides, LargestProducts.Normalize(features).mul_(energies));
            return;
        }

        // Shares the features' memory, or the mapping of their file, for as long as this detector needs it.
        State.Keep(Features, features.alias());
        State.Keep(Energies, energies);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var scores = bank.Logits.logsumexp(1).ToArray<float>();
        if (State.Tensors.TryGetValue(Features, out var features))
        {
            var energies = State.Tensor(Energies);
            LargestProducts.Stream(
                bank.Features,
                features.size(0),
                (start, count) => (LargestProducts.Normalize(features.narrow(0, start, count)).mul_(energies.narrow(0, start, count)), null),
                K,
                (start, queries, best) => Guide(best, scores.AsSpan(start, (int)queries.size(0))));
            return scores;
        }

        for (var start = 0; start < scores.Length; start += LargestProducts.QueryBlock)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(LargestProducts.QueryBlock, scores.Length - start);
            var query = LargestProducts.Normalize(bank.Features.narrow(0, start, count));
            var best = LargestProducts.Of(query, State.Tensor(Guides), offsets: null, K);
            Guide(best, scores.AsSpan(start, count));
        }

        return scores;
    }

    // Energies become scores.
    private void Guide(float[] best, Span<float> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            double sum = 0;
            foreach (var product in best.AsSpan(i * K, K))
                sum += product;
            scores[i] = (float)(scores[i] * (sum / K));
        }
    }

    private int BankCount(int total)
    {
        if (Alpha == 1)
            return total;
        var asked = Alpha * total;
        return Bank == NnGuideBank.Random
            ? Math.Max(1, (int)Math.Round(asked))
            : (int)Math.Min(total, PeerBatch * (((long)asked / PeerBatch) + 1));
    }
}
