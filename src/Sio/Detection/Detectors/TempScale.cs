using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>How <see cref="TempScale"/> finds its temperature.</summary>
public enum TemperatureFit
{
    /// <summary>The minimiser of the validation set's mean negative log-likelihood.</summary>
    Exact,

    /// <summary>As OpenOOD 1.0 and SIO do: 50 small steps of L-BFGS from 1.5, which stop before the minimum.</summary>
    Openood10,
}

/// <summary>
/// Maximum softmax probability at a fitted temperature: max_c softmax(z/T)_c, T minimising the negative log-likelihood of the validation set. In (0, 1].
/// Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
/// </summary>
/// <remarks>
/// In β = 1/T the negative log-likelihood is convex: its slope is mean(E_p[z] − z_y), its curvature mean(Var_p[z]), so a safeguarded
/// Newton iteration in float64 finds the one minimum. Where the validation images are all classified right there is none, as ever smaller T are
/// ever better, and none either where the classifier is worse than guessing: T stays within [0.05, 20]. The peers' fit takes 50 steps
/// of L-BFGS with learning rate 0.01 from T = 1.5 and does not arrive: on the reference data at T = 1.234 for 1.030, with a larger loss than at T = 1.
/// It stays available as <c>tempscale.fit=openood10</c>.
/// </remarks>
[CatalogEntry("tempscale", "maximum softmax probability at a fitted temperature", Paper = "Guo et al. 2017")]
public sealed class TempScale : Detector
{
    private const double LowestTemperature = 0.05;
    private const double HighestTemperature = 20;
    private const string Temperature = "temperature";

    /// <summary>How the temperature is found.</summary>
    [Describe("How T is found: exact is the minimum of the validation loss, openood10 the peers' 50 steps of L-BFGS, which stop before it.")]
    [KeyName("fit")]
    public TemperatureFit FitMethod { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.ValidationSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var bank = fit.Validation!;
        var classes = bank.Logits.size(1);
        if (bank.Count == 0)
            throw Refuse($"the validation set is empty");
        var stray = Array.FindIndex(bank.Labels, label => label < 0 || label >= classes);
        if (stray >= 0)
            throw Refuse($"image {stray} of {bank.Name} has the label {bank.Labels[stray]}, expected 0 to {classes - 1}");
        var temperature = FitMethod == TemperatureFit.Exact ? Minimiser(bank) : LbfgsOfThePeers(bank);
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw Refuse($"the fit {FitMethod} ended at T = {temperature}, which is no temperature");
        State.Keep(Temperature, temperature);
        if (FitMethod == TemperatureFit.Exact && temperature is (LowestTemperature or HighestTemperature))
        {
            State.Warn(FormattableString.Invariant(
                $"T = {temperature} is the bound of the search, not a minimum: {(temperature == LowestTemperature ? "every validation image is classified right, or nearly" : "the network is hardly better than guessing")}; its probabilities are not calibrated"));
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var temperature = State.Number(Temperature);
        return RowBlocks.Score(bank.Count, (start, rows) => bank.Logits.Rows(start, rows).div_(temperature).softmax(1).amax([1]));
    }

    private static double Minimiser(FeatureBank bank)
    {
        var (low, high) = (1 / HighestTemperature, 1 / LowestTemperature);
        if (SlopeAndCurvature(bank, low).Slope >= 0)
            return HighestTemperature;
        if (SlopeAndCurvature(bank, high).Slope <= 0)
            return LowestTemperature;
        var beta = 1.0;
        for (var step = 0; step < 100; step++)
        {
            var (slope, curvature) = SlopeAndCurvature(bank, beta);
            (low, high) = slope > 0 ? (low, beta) : (beta, high);
            var next = beta - (slope / curvature);
            if (!(next > low && next < high))
                next = (low + high) / 2;
            var moved = Math.Abs(next - beta);
            beta = next;
            if (moved <= 1e-12 * beta)
                break;
        }

        return 1 / beta;
    }

    private static (double Slope, double Curvature) SlopeAndCurvature(FeatureBank bank, double beta)
    {
        var (slope, curvature) = (0.0, 0.0);
        RowBlocks.ForEach(bank.Count, (start, rows) =>
        {
            var logits = bank.Logits.Rows(start, rows);
            var probabilities = (logits * beta).softmax(1);
            var mean = (probabilities * logits).sum(1, keepdim: true);
            slope += (mean - TrueLogits(bank, logits, start)).sum().ToDouble();
            curvature += (probabilities * (logits - mean).square()).sum().ToDouble();
        });
        return (slope / bank.Count, curvature / bank.Count);
    }

    // torch.optim.LBFGS for one float32 parameter, as PyTorch documents it (learning rate 0.01, at most 50 iterations and 62 evaluations, no line search).
    private static double LbfgsOfThePeers(FeatureBank bank)
    {
        const int iterations = 50;
        const int evaluations = iterations * 5 / 4;
        const int history = 100;
        const double rate = 0.01;
        const float flat = 1e-7f;
        const double unchanged = 1e-9;

        List<(float Difference, float Step, float Rho)> past = [];
        var temperature = 1.5f;
        var (loss, gradient) = LossAndGradient(bank, temperature);
        if (Math.Abs(gradient) <= flat)
            return temperature;
        var (direction, length, scale) = (-gradient, Math.Min(1, 1 / Math.Abs(gradient)) * rate, 1f);
        for (var (iteration, evaluated) = (1, 1); ; iteration++)
        {
            if (gradient * direction > -unchanged)
                break;
            var (oldLoss, oldGradient) = (loss, gradient);
            var step = (float)length * direction;
            temperature += step;
            if (iteration == iterations)
                break;
            (loss, gradient) = LossAndGradient(bank, temperature);
            evaluated++;
            if (evaluated >= evaluations || Math.Abs(gradient) <= flat || Math.Abs(step) <= unchanged || Math.Abs(loss - oldLoss) < unchanged)
                break;

            var difference = gradient - oldGradient;
            var product = difference * step;
            if (product > 1e-10f)
            {
                if (past.Count == history)
                    past.RemoveAt(0);
                past.Add((difference, step, 1 / product));
                scale = product / (difference * difference);
            }

            direction = TwoLoops(past, gradient, scale);
            length = rate;
        }

        return temperature;
    }

    // The direction −H·g, H the inverse curvature that the past steps tell.
    private static float TwoLoops(List<(float Difference, float Step, float Rho)> past, float gradient, float scale)
    {
        var direction = -gradient;
        var alphas = new float[past.Count];
        for (var i = past.Count - 1; i >= 0; i--)
        {
            alphas[i] = past[i].Step * direction * past[i].Rho;
            direction -= alphas[i] * past[i].Difference;
        }

        direction *= scale;
        for (var i = 0; i < past.Count; i++)
            direction += past[i].Step * (alphas[i] - (past[i].Difference * direction * past[i].Rho));
        return direction;
    }

    // In float32, as the peers', whose rounding the L-BFGS steps depend on; only the sum over blocks is wider.
    private static (float Loss, float Gradient) LossAndGradient(FeatureBank bank, float temperature)
    {
        var (loss, gradient) = (0.0, 0.0);
        RowBlocks.ForEach(bank.Count, (start, rows) =>
        {
            var scaled = bank.Logits.narrow(0, start, rows) / temperature;
            var truth = TrueLogits(bank, scaled, start);
            loss += (scaled.logsumexp(1, keepdim: true) - truth).sum().ToDouble();
            var expected = (scaled.softmax(1) * scaled).sum(1, keepdim: true);
            gradient += ((truth - expected) / temperature).sum().ToDouble();
        });
        return ((float)(loss / bank.Count), (float)(gradient / bank.Count));
    }

    private static Tensor TrueLogits(FeatureBank bank, Tensor logits, int start)
    {
        var rows = (int)logits.size(0);
        var labels = Array.ConvertAll(bank.Labels.AsSpan(start, rows).ToArray(), label => (long)label);
        return logits.gather(1, torch.tensor(labels, [rows, 1]));
    }
}
