using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>How <see cref="Nac"/> divides a neuron's states, from 0 to 1, into bins.</summary>
public enum NacSpacing
{
    /// <summary>As the authors' code: narrow bins around ½, the state of a neuron without say in the prediction, and ever wider ones towards 0 and 1; M − 2 of them, M − 3 where M is odd.</summary>
    Log,

    /// <summary>M bins of the same width.</summary>
    Even,
}

/// <summary>
/// How often the states of an image's neurons came up among training images: the mean over stages and neurons of min(n(s) / O, 1). A neuron, which is a channel, has the
/// state s = σ(α · z · g): z its output, g the gradient ∂KL(u‖p)/∂z of the divergence of the predicted probabilities p from uniform ones u; n(s) counts the training images
/// whose state falls into the same of M bins. From 0 to 1. Liu et al. 2024, "Neuron Activation Coverage: Rethinking Out-of-Distribution Detection and Generalization":
/// neuron activation state, coverage function (with r = O M / N of N training images) and NAC-UE.
/// </summary>
/// <remarks>
/// The authors' settings for CIFAR-10, one value per stage from the last to the first; a list that is too short goes on with its last value. As in their code z and g are
/// summed over a map's positions before they are multiplied, but in the last stage z is averaged, so that its neurons are the penultimate features; stages are averaged; and
/// N is 1000 images, the same number of each class: here the first of each class in the training set's order. Where there are fewer, all are used, and O stays as it is.
/// <para>Fitting costs a forward and a backward pass over these images, scoring one over the images to score.</para>
/// </remarks>
[CatalogEntry("nac", "how often the states of the neurons, output times gradient, came up in training", Paper = "Liu et al. 2024")]
public sealed class Nac : Detector
{
    private const string Stages = "stages";
    private const double LogBase = 1000;

    /// <summary>How many stages, counted from the last; all where there are fewer.</summary>
    [Describe("How many stages are looked at, counted from the last; all where there are fewer.")]
    [Range(1, int.MaxValue)]
    [Grid(1, 2, 3, 4)]
    public int Layers { get; init; } = 4;

    /// <summary>α per stage from the last to the first, above 0.</summary>
    [Describe("Steepness α of the sigmoid, above 0: a value for each stage, from the last to the first.")]
    public IReadOnlyList<double> Alpha { get; init; } = [100, 1000, 0.001, 0.001];

    /// <summary>M per stage from the last to the first, at least 4.</summary>
    [Describe("Number of bins M, at least 4: a value for each stage, from the last to the first.")]
    public IReadOnlyList<int> M { get; init; } = [50, 500, 50, 500];

    /// <summary>O per stage from the last to the first, above 0.</summary>
    [Describe("Images O that a bin must hold to count as covered, above 0: a value for each stage, from the last to the first.")]
    public IReadOnlyList<double> O { get; init; } = [50, 100, 5, 100];

    /// <summary>N, at least 0.</summary>
    [Describe("How many training images are counted, the same number of each class; 0 for all.")]
    [Range(0, int.MaxValue)]
    public int Images { get; init; } = 1000;

    /// <summary>Where bins end.</summary>
    [Describe("Where bins end: log is narrow around ½, as in the authors' code; even is the same width everywhere.")]
    public NacSpacing Spacing { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.TrainingSet | DetectorNeeds.FeatureMaps;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        CheckSettings();
        var (bank, classes) = (fit.Train!, (int)fit.HeadWeight.size(0));
        MapPasses.CheckLabels(bank, classes, Name);
        var chosen = Chosen(bank, classes);
        MapPasses.ForEach(
            bank,
            (start, images) =>
            {
                long[] rows = [.. Enumerable.Range(0, (int)images.size(0)).Where(row => chosen[start + row]).Select(row => (long)row)];
                if (rows.Length > 0)
                    Count(Positions(bank, images.index_select(0, torch.tensor(rows, [rows.Length]).to(images.device))));
            },
            Array.LastIndexOf(chosen, true) + 1);
        for (var l = 0; l < (int)State.Number(Stages); l++)
        {
            var counts = State.Tensor(Key(l));
            counts.copy_((counts / At(O, l)).clamp(max: 1));
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return MapPasses.Score(bank, (_, images) =>
        {
            var positions = Positions(bank, images);
            if (positions.Length != (int)State.Number(Stages))
                throw Refuse($"{positions.Length} stages of the network of {bank.Name} are looked at, in the fit {State.Number(Stages)}");
            return torch.stack([.. positions.Select((at, l) => State.Tensor(Key(l)).index_select(0, at.flatten()).reshape(at.shape).mean([1]))], dim: 1).mean([1]);
        });
    }

    private static T At<T>(IReadOnlyList<T> values, int stage) => values[Math.Min(stage, values.Count - 1)];

    private static string Key(int stage) => FormattableString.Invariant($"coverage{stage}");

    private void CheckSettings()
    {
        if (Layers < 1)
            throw Refuse($"layers is {Layers}, at least 1 is needed");
        if (Images < 0)
            throw Refuse($"images is {Images}, at least 0 is needed");
        if (Alpha.Count == 0 || Alpha.Any(alpha => !(alpha > 0 && double.IsFinite(alpha))))
            throw Refuse($"alpha is [{string.Join(", ", Alpha)}], finite numbers above 0 are needed");
        if (O.Count == 0 || O.Any(least => !(least > 0 && double.IsFinite(least))))
            throw Refuse($"o is [{string.Join(", ", O)}], finite numbers above 0 are needed");
        if (M.Count == 0 || M.Any(bins => bins < 4))
            throw Refuse($"m is [{string.Join(", ", M)}], whole numbers of at least 4 are needed");
    }

    private bool[] Chosen(FeatureBank bank, int classes)
    {
        var quota = Images == 0 ? bank.Count : Math.Max(1, Images / classes);
        var taken = new int[classes];
        return Array.ConvertAll(bank.Labels, label => taken[label]++ < quota);
    }

    private void Count(Tensor[] positions)
    {
        for (var l = 0; l < positions.Length; l++)
        {
            var size = positions[l].size(1) * (Bounds(l).Length + 1);
            if (!State.Tensors.ContainsKey(Key(l)))
                State.Keep(Key(l), torch.zeros([size], dtype: ScalarType.Float64));
            State.Tensor(Key(l)).add_(torch.bincount(positions[l].flatten(), minlength: size));
        }

        State.Keep(Stages, (double)positions.Length);
    }

    // For each stage that is looked at, last to first, [n,neurons]: the number of the bin that a neuron's state falls into, bins of all neurons numbered in a row.
    private Tensor[] Positions(FeatureBank bank, Tensor images)
    {
        Tensor[] maps;
        Tensor[] gradients;
        using (enable_grad())
        {
            var input = images.detach();
            input.requires_grad = true;
            var all = MapPasses.Maps(bank, input, Name);
            maps = [.. all.Reverse().Take(Layers)];

            // KL(u‖p) = −(1/C) Σ_c log p_c − log C, whose last term has no gradient.
            gradients = InputGradients.Of(-bank.Images!.Model.LogitsFromStage(all.Count - 1, maps[0]).log_softmax(1).mean([1]).sum(), maps);
        }

        return [.. maps.Select((map, l) =>
        {
            var output = map.detach().flatten(2).to(ScalarType.Float64, CPU);
            var slope = gradients[l].flatten(2).to(ScalarType.Float64, CPU).sum(2);
            var state = ((l == 0 ? output.mean([2]) : output.sum(2)) * slope * At(Alpha, l)).sigmoid();
            var bounds = Bounds(l);
            var bins = bounds.Length + 1;
            var bin = torch.bucketize(state, torch.tensor(bounds), false, true);
            return bin + torch.arange(0, bin.size(1) * bins, bins, dtype: ScalarType.Int64);
        })];
    }

    // The ends of the bins between 0 and 1.
    private double[] Bounds(int stage)
    {
        var count = At(M, stage);
        if (Spacing == NacSpacing.Even)
            return [.. Enumerable.Range(1, count - 1).Select(i => (double)i / count)];

        // Half of the ends: logarithms, to base B, of numbers evenly from 1 to √B; the others mirror them at ½.
        var half = count / 2;
        double[] lower = [.. Enumerable.Range(1, half - 2).Select(i => Math.Log(1 + (i * (Math.Sqrt(LogBase) - 1) / (half - 1)), LogBase))];
        return [.. lower, 0.5, .. lower.Reverse().Select(end => 1 - end)];
    }
}
