using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Weighted sum over the stages of Mahalanobis distances to the nearest class: Σ_l α_l M_l with M_l = −min_c (f_l − μ_lc)ᵀΣ_l⁻¹(f_l − μ_lc), f_l the mean of stage l's
/// map over its positions, μ_lc the class means and Σ_l the common covariance of the training images. Before M_l is taken, the image is moved a little towards the
/// class that is nearest in stage l: x′ = x + ε · sign(∂M_l/∂x) / d. The weights α come from logistic regression of validation images against adversarial copies of
/// them. Lee et al. 2018, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", eq. 1 and 2 and algorithm 1.
/// </summary>
/// <remarks>
/// No OOD image is used. Of the paper's two ways to find α it is the one that has only in-distribution images: their adversarial copies stand for OOD, x + ε_a ·
/// sign(∂L/∂x) / d with L the cross-entropy with the true label (one step, the fast gradient sign method; not cut to the range of pixel values). All copies count,
/// whether or not they deceive the network. The regression's M_l are brought to standard deviation 1, and its weights are held small by the sum of their squares
/// times half the penalty; the peers choose the penalty by cross-validation. d is the standard deviation of the network's normalisation, so that ε is a step in pixel
/// values from 0 to 1; the sign of zero is +1.
/// <para>A class without training images is left out; directions in which a stage does not vary count for nothing. OpenOOD's configuration looks at the first stage alone,
/// with α = 1. Fitting costs a further forward pass over the training images and scores the validation images twice; scoring an image costs, with L stages, L + 1
/// forward and L backward passes, and with ε = 0 one forward pass.</para>
/// </remarks>
[CatalogEntry("mds_ensemble", "weighted Mahalanobis distances of all stages, after a step towards the nearest class", Paper = "Lee et al. 2018")]
public sealed class MdsEnsemble : Detector
{
    private const string Weights = "weights";

    /// <summary>ε, at least 0 and finite.</summary>
    [Describe("Length of the step ε per pixel value, on the scale 0 to 1; 0 for none.")]
    [Range(0.0, double.MaxValue)]
    [Grid(0.0014)]
    public double Noise { get; init; } = 0.0014;

    /// <summary>ε_a, above 0 and finite.</summary>
    [Describe("Length of the step per pixel value that makes the adversarial copies, above 0.")]
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double Attack { get; init; } = 0.05;

    /// <summary>Penalty of the logistic regression, above 0 and finite.</summary>
    [Describe("Penalty on the squared weights of the logistic regression, above 0.")]
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double Penalty { get; init; } = 1;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet | DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!(Noise >= 0 && double.IsFinite(Noise)))
            throw Refuse($"the noise is {Noise}, a finite number that is not negative is needed");
        if (!(Attack > 0 && double.IsFinite(Attack)))
            throw Refuse($"the attack is {Attack}, a finite number above 0 is needed");
        if (!(Penalty > 0 && double.IsFinite(Penalty)))
            throw Refuse($"the penalty is {Penalty}, a finite number above 0 is needed");
        var (train, validation, classes) = (fit.Train!, fit.Validation!, (int)fit.HeadWeight.size(0));
        MapPasses.CheckLabels(train, classes, Name);
        MapPasses.CheckLabels(validation, classes, Name);
        var stages = FitGaussians(train, classes);

        // Kept at once, so that scoring knows how many stages there are.
        var weights = State.Keep(Weights, torch.ones([stages], dtype: ScalarType.Float64));
        var (clean, attacked) = (new double[validation.Count * stages], new double[validation.Count * stages]);
        MapPasses.ForEach(validation, (start, images) =>
        {
            var (from, length) = (start * stages, (int)images.size(0) * stages);
            StageScores(validation, images).flatten().CopyTo<double>(clean.AsSpan(from, length));
            StageScores(validation, Attacked(validation, start, images)).flatten().CopyTo<double>(attacked.AsSpan(from, length));
        });
        weights.copy_(LogisticRegression.Fit(torch.tensor(clean, [validation.Count, stages]), torch.tensor(attacked, [validation.Count, stages]), Penalty));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return MapPasses.Score(bank, (_, images) => (StageScores(bank, images) * State.Tensor(Weights)).sum(1));
    }

    private static string Key(string what, int stage) => FormattableString.Invariant($"{what}{stage}");

    // On the CPU, where the statistics are.
    private static Tensor Pooled(Tensor map) => map.mean([2, 3]).to(ScalarType.Float64, CPU);

    private int FitGaussians(FeatureBank bank, int classes)
    {
        var gaussians = new List<StreamedGaussians>();
        try
        {
            MapPasses.ForEach(bank, (start, images) =>
            {
                Tensor[] points = [.. MapPasses.Maps(bank, images, Name).Select(Pooled)];
                for (var l = 0; l < points.Length; l++)
                {
                    if (start == 0)
                        gaussians.Add(new StreamedGaussians(classes, points[l]));
                    gaussians[l].Add(points[l], bank.Labels.AsSpan(start, (int)images.size(0)));
                }
            });
            for (var l = 0; l < gaussians.Count; l++)
            {
                var (centre, whitening, means) = gaussians[l].Finish()
                    ?? throw Refuse($"the maps of stage {l + 1} do not vary within the classes of {bank.Name}, so they have no covariance");
                State.Keep(Key("centre", l), centre);
                State.Keep(Key("whitening", l), whitening);
                State.Keep(Key("class_means", l), means);
            }

            return gaussians.Count;
        }
        finally
        {
            foreach (var gaussian in gaussians)
                gaussian.Dispose();
        }
    }

    // M of each stage, [n,stages] float64.
    private Tensor StageScores(FeatureBank bank, Tensor images)
    {
        var model = bank.Images!.Model;
        if (Noise == 0)
            return torch.stack([.. Maps(bank, images).Select(Score)], dim: 1);
        var stages = (int)State.Tensor(Weights).size(0);
        var gradients = new Tensor[stages];
        using (enable_grad())
        {
            var input = images.detach();
            input.requires_grad = true;
            Tensor[] scores = [.. Maps(bank, input).Select(Score)];
            for (var l = 0; l < stages; l++)
                gradients[l] = InputGradients.Of(scores[l].sum(), input, retain: l < stages - 1);
        }

        return torch.stack([.. gradients.Select((gradient, l) => Score(Maps(bank, images + InputSteps.Along(Name, model, gradient, Noise))[l], l))], dim: 1);
    }

    private IReadOnlyList<Tensor> Maps(FeatureBank bank, Tensor images)
    {
        var (maps, stages) = (MapPasses.Maps(bank, images, Name), State.Tensor(Weights).size(0));
        return maps.Count == stages ? maps : throw Refuse($"the network of {bank.Name} has {maps.Count} stages, that of the fit had {stages}");
    }

    private Tensor Score(Tensor map, int stage)
    {
        var means = State.Tensor(Key("class_means", stage));
        var point = (Pooled(map) - State.Tensor(Key("centre", stage))).matmul(State.Tensor(Key("whitening", stage)));

        // ‖p − m‖² = ‖p‖² − 2pᵀm + ‖m‖², whose first term is the same for all classes: no n×C×k tensor.
        var nearest = means.square().sum(1).addmm(point.detach(), means.transpose(0, 1), alpha: -2).neg().argmax(1);
        return -(point - means.index_select(0, nearest)).square().sum(1);
    }

    private Tensor Attacked(FeatureBank bank, int start, Tensor images)
    {
        var (model, count) = (bank.Images!.Model, (int)images.size(0));
        Tensor gradient;
        using (enable_grad())
        {
            var input = images.detach();
            input.requires_grad = true;
            var logits = model.Forward(input).Logits;
            var labels = torch.tensor(Array.ConvertAll(bank.Labels[start..(start + count)], label => (long)label), [count]).to(logits.device);
            gradient = InputGradients.Of(nn.functional.cross_entropy(logits, labels) * count, input);
        }

        return images + InputSteps.Along(Name, model, gradient, Attack);
    }
}
