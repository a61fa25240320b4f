using Sio.Detection;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Experiments;

/// <summary>
/// Chooses detectors' hyper-parameters by the AUROC of ID validation against OOD validation images, as OpenOOD's automatic parameter search (Zhang et al. 2023,
/// "OpenOOD v1.5", arXiv 2306.09301): every combination of the <see cref="GridAttribute"/> values is tried, and of equal ones the first wins. Test images are never seen.
/// </summary>
/// <remarks>
/// Each combination gets a detector of its own, fitted anew, whose ID and OOD scores are both new: in the peer some settings do not reach what has been fitted, and a search
/// may then change nothing. A detector that fits on the validation images (ReAct, VRA, KLM, temperature scaling) is tuned on the same ones, as in the peer.
/// </remarks>
public sealed class Tuner
{
    private readonly DetectorFit _fit;
    private readonly FeatureBank _validationOod;
    private readonly RunObserver? _observer;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, TunedDetector> _tuned = new(StringComparer.Ordinal);

    /// <summary>Takes what to choose with.</summary>
    /// <param name="fit">What to fit on, with ID validation images.</param>
    /// <param name="validationOod">OOD validation images; none of a test set.</param>
    /// <param name="observer">Is told what is searched.</param>
    /// <param name="cancellation">Stops between combinations.</param>
    /// <exception cref="DetectionException">There are no ID validation images.</exception>
    public Tuner(DetectorFit fit, FeatureBank validationOod, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(validationOod);
        if (fit.Validation is null)
            throw new DetectionException("hyper-parameters are chosen with ID validation images, and there are none");
        (_fit, _validationOod, _observer, _cancellation) = (fit, validationOod, observer, cancellation);
    }

    /// <summary>Settings <c>detector.key=value</c> that stand for detectors' own defaults, as a benchmark prescribes them.</summary>
    public IReadOnlyList<string> Defaults { get; init; } = [];

    /// <summary>What was chosen so far, by the detector's name; a detector with nothing to choose is not here.</summary>
    public IReadOnlyDictionary<string, TunedDetector> Tuned => _tuned;

    /// <summary>Chooses a detector's hyper-parameters.</summary>
    /// <param name="name">The detector's name.</param>
    /// <param name="settings">What the user has set, <c>detector.key=value</c>: these stay.</param>
    /// <returns>The settings chosen, beside those of the user; none where the detector has nothing left to choose, or its defaults are best.</returns>
    /// <exception cref="DetectionException">No combination can run on these data, nor the defaults.</exception>
    public IReadOnlyList<string> Choose(string name, IReadOnlyList<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var grid = SearchGrid.Combinations(name, settings);
        if (grid.Count == 0)
            return [];
        _observer?.Tuning(name, grid.Count);
        TriedSettings[] tried = [.. grid.Select(combination => Try(name, settings, combination))];
        var defaults = Default(name, settings, tried);
        // Defaults that are not in the grid are one more candidate, before it: a grid may be made for larger networks.
        var best = (defaults is null || tried.Any(one => one.Auroc == defaults) ? tried : tried.Prepend(new TriedSettings { Settings = [], Auroc = defaults }))
            .Where(one => one.Auroc is not null).MaxBy(one => one.Auroc)
            // What refuses every setting alike, such as features without their images, other settings do not help.
            ?? throw new DetectionException(tried.All(one => one.Refused == tried[0].Refused)
                ? $"{name}: {tried[0].Refused}"
                : $"{name}: none of the {grid.Count} settings of its grid can run here ({string.Join(", ", grid[0])}: {tried[0].Refused}); choose your own with --set");
        _tuned[name] = new TunedDetector { Settings = best.Settings, Auroc = best.Auroc!.Value, DefaultAuroc = defaults, Tried = tried };
        return best.Settings;
    }

    private TriedSettings Try(string name, IReadOnlyList<string> settings, IReadOnlyList<string> combination)
    {
        _cancellation.ThrowIfCancellationRequested();
        using var detector = DetectorFactory.Create(name, [.. Defaults, .. settings, .. combination]);
        try
        {
            detector.Fit(_fit);
            var (id, ood) = (detector.Score(_fit.Validation!), detector.Score(_validationOod));
            return new TriedSettings { Settings = combination, Auroc = OodMetrics.Compute(id, ood).Auroc };
        }
        catch (DetectionException refused)
        {
            var prefix = name + ": ";
            return new TriedSettings { Settings = combination, Refused = refused.Message.StartsWith(prefix, StringComparison.Ordinal) ? refused.Message[prefix.Length..] : refused.Message };
        }
    }

    // Most defaults are in the grid and have been tried.
    private double? Default(string name, IReadOnlyList<string> settings, TriedSettings[] tried)
    {
        var sought = Describe([]);
        return (tried.FirstOrDefault(one => Describe(one.Settings) == sought) ?? Try(name, settings, [])).Auroc;

        string Describe(IReadOnlyList<string> combination)
        {
            using var detector = DetectorFactory.Create(name, [.. Defaults, .. settings, .. combination]);
            return DetectorFactory.Describe(detector);
        }
    }
}
