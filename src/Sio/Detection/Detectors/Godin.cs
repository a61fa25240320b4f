using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;
using GodinObjective = Sio.Training.Objectives.Godin;

namespace Sio.Detection.Detectors;

/// <summary>What G-ODIN's detector takes of a network trained with G-ODIN, whose logits are h_c/g.</summary>
public enum GodinMeasure
{
    /// <summary>max_c h_c, the paper's best.</summary>
    H,

    /// <summary>g; in (0, 1).</summary>
    G,

    /// <summary>max_c h_c/g.</summary>
    Logits,

    /// <summary>As OpenOOD's code: the largest of the softmax of h; in (0, 1].</summary>
    SoftmaxH,
}

/// <summary>
/// G-ODIN's own score: max_c h_c(x′) of an image moved a little up the score's gradient, x′ = x + ε · sign(∂S/∂x) / d. Hsu et al. 2020, "Generalized ODIN: Detecting Out-of-distribution Image
/// without Learning from Out-of-distribution Data", section 3.
/// </summary>
/// <remarks>
/// d is the standard deviation of the network's normalisation, so that ε is a step in pixel values from 0 to 1; the sign of zero is +1, as in the peers' code. ε = 0.0025 is OpenOOD's. The paper
/// takes, of the values 0.0025, 0.005, 0.01, 0.02, 0.04 and 0.08, the one with the largest mean score of ID validation images: <c>godin.search=true</c>; no OOD image is needed for that. OpenOOD takes a softmax of h
/// at last (<c>godin.measure=softmax_h</c>), which the paper does not.
/// </remarks>
[CatalogEntry("godin", "G-ODIN's likeness to the nearest class, after a step up its gradient", Paper = "Hsu et al. 2020")]
public sealed class Godin : Detector
{
    private const string Found = "noise";
    private static readonly double[] s_lengths = [0.0025, 0.005, 0.01, 0.02, 0.04, 0.08];

    /// <summary>What is taken as the score.</summary>
    [Describe("What is taken: h (the largest likeness), g, logits (the largest), or softmax_h, OpenOOD's.")]
    public GodinMeasure Measure { get; init; } = GodinMeasure.H;

    /// <summary>ε, at least 0 and finite.</summary>
    [Describe("Length of the step ε per pixel value, on the scale 0 to 1; 0 for none.")]
    [Range(0.0, 1e6)]
    public double Noise { get; init; } = 0.0025;

    /// <summary>Whether ε is searched.</summary>
    [Describe("Whether ε is chosen as in the paper: of 0.0025 to 0.08 the one with the largest mean score of ID validation images.")]
    public bool Search { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs =>
        DetectorNeeds.Features | DetectorNeeds.Images
        | (Search || Noise > 0 ? DetectorNeeds.InputGradient : DetectorNeeds.None) | (Search ? DetectorNeeds.ValidationSet : DetectorNeeds.None);

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!Search)
            return;
        var bank = fit.Validation!;
        var objective = TrainedObjective.Of<GodinObjective>(this, bank);
        if (bank.Count == 0)
            throw Refuse($"{bank.Name} has no image to choose the step with");
        var sums = new double[s_lengths.Length];
        _ = BankPasses.Score(bank, images =>
        {
            var step = Step(objective, bank.Images!.Model, images, 1);
            for (var i = 0; i < sums.Length; i++)
                sums[i] += Scores(objective, bank.Images!.Model.Forward(images + (step * s_lengths[i])).Features).to(ScalarType.Float64).sum().ToDouble();
            return new float[images.size(0)];
        });
        State.Keep(Found, s_lengths[Array.IndexOf(sums, sums.Max())]);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        InputSteps.RefuseOdin(Name, 1, Noise);
        var objective = TrainedObjective.Of<GodinObjective>(this, bank);
        var length = Search ? State.Number(Found) : Noise;
        var model = bank.Images!.Model;
        if (length == 0)
            return RowBlocks.Score(bank.Count, (start, rows) => Scores(objective, bank.Features.narrow(0, start, rows)));
        return BankPasses.Score(bank, images => Scores(objective, model.Forward(images + Step(objective, model, images, length)).Features).ToArray<float>());
    }

    private Tensor Step(GodinObjective objective, IDetectionModel model, Tensor images, double length)
    {
        // The paper steps along the score itself; a softmax of it has the peers step along h all the same.
        var (gradient, _, _) = InputSteps.Gradient(model, images, (_, features) => Scores(objective, features, Measure == GodinMeasure.SoftmaxH ? GodinMeasure.H : Measure).sum());
        return InputSteps.Along(Name, model, gradient, length);
    }

    private Tensor Scores(GodinObjective objective, Tensor features) => Scores(objective, features, Measure);

    private static Tensor Scores(GodinObjective objective, Tensor features, GodinMeasure measure)
    {
        var own = features.to(objective.Layers.parameters().First().device);
        return measure switch
        {
            GodinMeasure.G => objective.Divisor(own).squeeze(1),
            GodinMeasure.Logits => (objective.Numerator(own) / objective.Divisor(own)).amax([1]),
            GodinMeasure.SoftmaxH => objective.Numerator(own).to(ScalarType.Float64).softmax(1).amax([1]).to(ScalarType.Float32),
            _ => objective.Numerator(own).amax([1]),
        };
    }
}
