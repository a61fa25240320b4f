using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// What AdaSCALE-A and AdaSCALE-L share. The features f are compared with f', those of the image with its least important pixel values moved; how much that matters is
/// Q' = λ·Q + C_o, Q = Σ |f − f'| over the k₂ largest features, C_o = Σ max(f', 0) over the k₁ largest. With F the share of the validation images whose Q' is not larger, the
/// percentile of an image is p = p_min + (1 − F(Q'))·(p_max − p_min), and r = Σ max(f, 0) / Σ of the k largest max(f, 0), k = D − D·p/100. Regmi 2025, "AdaSCALE: Adaptive Scaling
/// for OOD Detection".
/// </summary>
public abstract class AdaptiveScaling : Detector
{
    private const string Shifts = "shifts";

    // e^80 leaves room in float32 for features and weights; r is at most D / k, so it is hardly ever met.
    private const double LargestExponent = 80;

    /// <summary>p_min and p_max as two numbers with a hyphen between them, above 0, below 100, the first not the larger.</summary>
    [Describe("The least and the greatest percentage of features that are not among the largest, as min-max: an image like those fitted on gets the greatest.")]
    [Grid(
        "60-65", "60-70", "60-75", "60-80", "60-85", "60-90", "60-95", "60-99", "65-70", "65-75", "65-80", "65-85", "65-90", "65-95", "65-99", "70-75", "70-80", "70-85",
        "70-90", "70-95", "70-99", "75-80", "75-85", "75-90", "75-95", "75-99", "80-85", "80-90", "80-95", "80-99", "85-90", "85-95", "85-99", "90-95", "90-99", "95-99")]
    public string Percentile { get; init; } = "75-85";

    /// <summary>Per cent of the features, of which k₁ is the whole part, at least 1.</summary>
    [Describe("Percentage of the features, the largest, that are summed up after the image was moved.")]
    [Range(0.0, 100.0)]
    public double K1 { get; init; } = 5;

    /// <summary>Per cent of the features, of which k₂ is the whole part, at least 1.</summary>
    [Describe("Percentage of the features, the largest, whose change is looked at.")]
    [Range(0.0, 100.0)]
    public double K2 { get; init; } = 1;

    /// <summary>λ, finite and at least 0.</summary>
    [Describe("Weight λ of the change of the largest features, at least 0.")]
    public double Lambda { get; init; } = 10;

    /// <summary>Share of the pixel values, from 0 to 1.</summary>
    [Describe("Share of the pixel values that are moved: those with the smallest gradient of the predicted logit.")]
    [Range(0.0, 1.0)]
    public double O { get; init; } = 0.05;

    /// <summary>Step, finite and at least 0.</summary>
    [Describe("By how much a pixel value is moved along the gradient's sign, in the normalised image; at least 0.")]
    public double Epsilon { get; init; } = 0.5;

    /// <inheritdoc/>
    public override DetectorNeeds Needs =>
        DetectorNeeds.Features | DetectorNeeds.ValidationSet | DetectorNeeds.Head | DetectorNeeds.InputGradient;

    /// <summary>Logits [n,C] of features that are scaled, or of features whose logits are, by the factor that r stands for.</summary>
    /// <param name="features">[n,D] float64.</param>
    /// <param name="ratio">r, [n,1] float64, at most 80.</param>
    /// <param name="none">Where all features are 0 or negative, so that there is no r and the factor is 1: [n,1].</param>
    /// <param name="weight">W, [C,D] float64.</param>
    /// <param name="bias">b, [C] float64.</param>
    private protected abstract Tensor Scaled(Tensor features, Tensor ratio, Tensor none, Tensor weight, Tensor bias);

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        _ = Percentiles();
        if (!(K1 is >= 0 and <= 100 && K2 is >= 0 and <= 100 && O is >= 0 and <= 1))
            throw Refuse($"k1 = {K1}, k2 = {K2} and o = {O}, numbers from 0 to 100, 0 to 100 and 0 to 1 are needed");
        if (!(Lambda >= 0 && double.IsFinite(Lambda) && Epsilon >= 0 && double.IsFinite(Epsilon)))
            throw Refuse($"lambda = {Lambda} and epsilon = {Epsilon}, finite numbers that are not negative are needed");
        var bank = fit.Validation!;
        if (bank.Images is not { Model: var model })
            throw Refuse($"needs the images and the network to fit on, {bank.Name} has only features");
        FeatureBlocks.RefuseEmpty(bank);
        var shifts = BankPasses.Score(bank, images => Shift(model, images).Shift);
        Array.Sort(shifts);
        State.Keep(Shifts, torch.tensor(shifts));
        State.KeepHead(fit);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var (least, greatest) = Percentiles();
        var fitted = State.Tensor(Shifts).ToArray<float>();
        var (weight, bias) = (State.HeadWeight().to(ScalarType.Float64), State.HeadBias().to(ScalarType.Float64));
        var model = bank.Images!.Model;
        return BankPasses.Score(bank, images =>
        {
            var (features, shift) = Shift(model, images);
            var size = features.size(1);
            var kept = Array.ConvertAll(shift, value =>
            {
                var percentile = least + ((1 - ShareUpTo(fitted, value)) * (greatest - least));
                return Math.Max(1, size - (long)Math.Round(size * percentile / 100, MidpointRounding.ToEven));
            });
            var positive = features.relu();
            var sums = positive.topk((int)kept.Max(), dim: 1).values.cumsum(1);
            var top = sums.gather(1, torch.tensor(Array.ConvertAll(kept, k => k - 1), [kept.Length, 1]));
            var none = top.eq(0);
            var ratio = (positive.sum(1, keepdim: true) / top.masked_fill(none, 1)).clamp(max: LargestExponent);
            return Scaled(features, ratio, none, weight, bias).logsumexp(1).to(ScalarType.Float32).ToArray<float>();
        });
    }

    // F: the share of sorted values that are not larger.
    private static double ShareUpTo(float[] sorted, float value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }

        return (double)low / sorted.Length;
    }

    // Features [n,D] in float64 on the CPU, and Q' of each image.
    private (Tensor Features, float[] Shift) Shift(IDetectionModel model, Tensor images)
    {
        var (gradient, _, seen) = InputSteps.Gradient(model, images, logits => logits.max(1).values.sum());
        var least = gradient.abs().flatten(1).topk((int)((long)(images.numel() / images.size(0) * O)), dim: 1, largest: false, sorted: false).indexes;
        var moved = model.Forward(images + (gradient.sign() * InputSteps.Mask(images, least) * Epsilon)).Features;
        var (features, after) = (seen.cpu().to(ScalarType.Float64), moved.cpu().to(ScalarType.Float64));
        var correction = after.relu().gather(1, Largest(K1)).sum(1);
        var change = (features - after).abs().gather(1, Largest(K2)).sum(1);
        return (features, ((change * Lambda) + correction).to(ScalarType.Float32).ToArray<float>());

        Tensor Largest(double percent) => features.topk((int)Math.Max(1, (long)(features.size(1) * percent / 100)), dim: 1).indexes;
    }

    private (double Least, double Greatest) Percentiles()
    {
        var parts = Percentile.Split('-');
        if (parts.Length == 2 && Number(parts[0]) is { } least && Number(parts[1]) is { } greatest && least is > 0 && least <= greatest && greatest < 100)
            return (least, greatest);
        throw Refuse($"percentile is '{Percentile}', two numbers above 0 and below 100 such as 75-85 are needed, the first not the larger");

        static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
