using Sio.Recipes;

namespace Sio.Detection;

/// <summary>Scores of detectors, and why some have none.</summary>
/// <param name="Scores">By the detector's name: for each bank, one score per image.</param>
/// <param name="Skipped">By the name of a detector that could not run: the reason.</param>
public sealed record DetectorScores(IReadOnlyDictionary<string, float[][]> Scores, IReadOnlyDictionary<string, string> Skipped)
{
    /// <summary>By the detector's name: the numbers that it fitted, a temperature or a threshold; only detectors that have some.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Fitted { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>What a user should know of the fits, each on one line that begins with the detector's name.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>
/// Detectors that are to run on the same features. One that was asked for by its name runs or fails; of <see cref="All"/> run those that can, and
/// the others are skipped, each with its reason.
/// </summary>
public sealed class DetectorRoster : IDisposable
{
    /// <summary>The name that stands for every detector.</summary>
    public const string All = "all";

    private const DetectorNeeds Images = DetectorNeeds.InputGradient | DetectorNeeds.FeatureMaps | DetectorNeeds.Images;

    // In the order in which a reason is given when there are several.
    private static readonly (DetectorNeeds Need, string Reason)[] s_reasons =
    [
        (DetectorNeeds.TrainingSet, "needs the training set to fit on, and there is none"),
        (DetectorNeeds.ValidationSet, "needs a validation set to fit on, and there is none"),
        (DetectorNeeds.SeveralNetworks, "needs several networks trained on the same data, here is one (--ensemble names more)"),
        (Images, "needs the images and the network, here are only features"),
    ];

    private readonly List<(Detector Detector, bool ByName)> _detectors = [];
    private readonly IReadOnlyList<string> _settings;
    private readonly IReadOnlyList<string> _defaults;
    private readonly Dictionary<string, string> _skipped = new(StringComparer.Ordinal);

    private DetectorRoster(IReadOnlyList<string> settings, IReadOnlyList<string> defaults) => (_settings, _defaults) = (settings, defaults);

    /// <summary>Is told the name of a detector that is about to run, its number from 1, and how many there are.</summary>
    public Action<string, int, int>? Starting { get; set; }

    /// <summary>What the detectors that will run need, taken together.</summary>
    public DetectorNeeds Needs => _detectors.Aggregate(DetectorNeeds.None, (needs, entry) => needs | entry.Detector.Needs);

    /// <summary>Whether any of them has a hyper-parameter with a grid that the settings leave open.</summary>
    public bool CanTune => _detectors.Any(entry => SearchGrid.Combinations(entry.Detector.Name, _settings).Count > 0);

    /// <summary>Whether a detector that needs several networks scores the images that it is fitted on, too, as a combination with an ensemble does.</summary>
    internal bool FitsOnSeveralNetworks => _detectors.Any(
        entry => entry.Detector.Needs.HasFlag(DetectorNeeds.SeveralNetworks) && (entry.Detector.Needs & (DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet)) != 0);

    /// <summary>Makes detectors, and sees which can run.</summary>
    /// <param name="names">Names, or <see cref="All"/>.</param>
    /// <param name="settings">Hyper-parameters <c>detector.key=value</c>, later ones winning.</param>
    /// <param name="available">Which sets to fit on there are, and whether there are several networks; whether images are at hand is seen from the banks. A linear head always is.</param>
    /// <param name="defaults">Settings that stand for detectors' own defaults, as a benchmark prescribes them: what is set, or tuned, wins.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="RecipeException">A setting is wrong.</exception>
    /// <exception cref="DetectionException">One asked for by name cannot run.</exception>
    public static DetectorRoster Create(IReadOnlyList<string> names, IReadOnlyList<string> settings, DetectorNeeds available, IReadOnlyList<string>? defaults = null)
    {
        defaults ??= [];
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(settings);
        DetectorFactory.Check(settings);
        var roster = new DetectorRoster([.. settings], [.. defaults]);
        try
        {
            foreach (var name in names.SelectMany(name => name == All ? [.. Catalog<Detector>.Names] : new[] { name }).Distinct())
                roster.Add(DetectorFactory.Create(name, [.. defaults, .. settings]), names.Contains(name), available);
            return roster;
        }
        catch
        {
            roster.Dispose();
            throw;
        }
    }

    /// <summary>Fits each detector and scores each bank, one detector after the other, so that the fitted state of one is in memory at a time.</summary>
    /// <param name="fit">What to fit on.</param>
    /// <param name="banks">What to score.</param>
    /// <param name="cancellation">Stops between detectors.</param>
    /// <exception cref="DetectionException">One asked for by name cannot run.</exception>
    public DetectorScores Score(DetectorFit fit, IReadOnlyList<FeatureBank> banks, CancellationToken cancellation = default) => Score(fit, banks, null, cancellation);

    /// <summary>Chooses each detector's settings, fits it with them and scores each bank, one detector after the other.</summary>
    /// <param name="fit">What to fit on.</param>
    /// <param name="banks">What to score.</param>
    /// <param name="choose">Gives, for a detector's name and the user's settings, those to use beside them; null to use the user's alone.</param>
    /// <param name="cancellation">Stops between detectors.</param>
    /// <exception cref="DetectionException">One asked for by name cannot run.</exception>
    public DetectorScores Score(
        DetectorFit fit, IReadOnlyList<FeatureBank> banks, Func<string, IReadOnlyList<string>, IReadOnlyList<string>>? choose, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(banks);
        var scores = new Dictionary<string, float[][]>(StringComparer.Ordinal);
        var skipped = new Dictionary<string, string>(_skipped, StringComparer.Ordinal);
        var noImages = banks.Any(bank => bank.Images is null);
        var fitted = new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        var warnings = new List<string>();
        RepeatedRows? repeated = null;
        var number = 0;
        foreach (var (detector, byName) in _detectors)
        {
            cancellation.ThrowIfCancellationRequested();
            Starting?.Invoke(detector.Name, ++number, _detectors.Count);
            try
            {
                // Seen before the fit, which may take its time.
                if (noImages && (detector.Needs & Images) != 0)
                    throw new DetectionException(Reason(detector, Images));
                var chosen = choose?.Invoke(detector.Name, _settings) ?? [];
                using var tuned = chosen.Count > 0 ? DetectorFactory.Create(detector.Name, [.. _defaults, .. _settings, .. chosen]) : null;
                var running = tuned ?? detector;
                running.Fit(fit);
                float[][] all = [.. banks.Select(running.Score)];
                if (running.ScoresRows)
                    (repeated ??= RepeatedRows.Of(banks)).Share(all);
                scores[detector.Name] = all;
                warnings.AddRange(running.State.Warnings.Select(warning => $"{detector.Name}: {warning}"));
                var numbers = running.State.Numbers.Where(number => double.IsFinite(number.Value)).ToDictionary();
                if (numbers.Count > 0)
                    fitted[detector.Name] = numbers;
            }
            catch (DetectionException error) when (!byName)
            {
                skipped[detector.Name] = WithoutName(detector.Name, error.Message);
            }
            catch (DetectionException error) when (WithoutName(detector.Name, error.Message) == error.Message)
            {
                // Of what it works on, which does not know for whom.
                throw new DetectionException($"{detector.Name}: {error.Message}");
            }
            finally
            {
                detector.State.Dispose();
            }
        }

        return new DetectorScores(scores, skipped) { Fitted = fitted, Warnings = warnings };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (detector, _) in _detectors)
            detector.Dispose();
    }

    private void Add(Detector detector, bool byName, DetectorNeeds available)
    {
        var missing = detector.Needs & ~available & (DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet | DetectorNeeds.SeveralNetworks);
        if (missing == 0)
        {
            _detectors.Add((detector, byName));
            return;
        }

        detector.Dispose();
        var reason = Reason(detector, missing);
        if (byName)
            throw new DetectionException(reason);
        _skipped[detector.Name] = WithoutName(detector.Name, reason);
    }

    private static string Reason(Detector detector, DetectorNeeds missing) =>
        $"{detector.Name}: {s_reasons.First(entry => (entry.Need & missing & detector.Needs) != 0).Reason}";

    private static string WithoutName(string name, string message) =>
        message.StartsWith(name + ": ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;
}
