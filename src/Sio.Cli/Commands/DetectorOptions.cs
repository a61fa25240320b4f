using System.CommandLine;
using Sio.Detection;

namespace Sio.Cli.Commands;

/// <summary>The options that say which detectors run, and how: the same in every command that has them.</summary>
internal sealed class DetectorOptions
{
    private const string EnsembleName = "ensemble";

    private readonly Option<string?> _detectors;

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "A detector's hyper-parameter, e.g. --set knn.k=100; 'sio detectors' lists them. May be given several times.", HelpName = "detector.key=value",
    };

    private readonly Option<bool> _tune = new("--tune")
    {
        Description = "Choose the hyper-parameters that --set leaves open from the detectors' grids, by AUROC on validation images; never on test sets.",
    };

    private readonly Option<string?> _ensemble;

    internal DetectorOptions(string description, string members)
    {
        _ensemble = new Option<string?>("--ensemble")
        {
            Description = $"{members}, separated by commas: the detector 'ensemble', which takes the mean prediction, runs beside the others.", HelpName = "A,B",
        };
        _detectors = new Option<string?>("--detectors") { Description = description, HelpName = "a,b|all" };
        _set.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                var (dot, equals) = (text.IndexOf('.', StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
                if (dot < 1 || equals < dot)
                    result.AddError($"--set '{text}': expected detector.key=value");
            }
        });
    }

    internal void AddTo(Command command)
    {
        command.Options.Add(_detectors);
        command.Options.Add(_set);
        command.Options.Add(_tune);
        command.Options.Add(_ensemble);
    }

    /// <summary>The further runs or banks of an ensemble; none where the option was left out.</summary>
    internal string[] Ensemble(ParseResult parsed) =>
        // A comma may belong to a folder's name.
        parsed.GetValue(_ensemble) is { } text && Directory.Exists(text) ? [text] : Split(parsed.GetValue(_ensemble), "--ensemble") ?? [];

    /// <summary>The detectors that will run: those given, and the ensemble where there are several networks.</summary>
    internal string[] WithEnsemble(IEnumerable<string> names, ParseResult parsed) =>
        [.. Ensemble(parsed).Length > 0 ? names.Append(EnsembleName).Distinct() : names];

    /// <summary>The detectors' names, or null where the option was left out.</summary>
    internal string[]? Names(ParseResult parsed)
    {
        var names = Split(parsed.GetValue(_detectors), "--detectors");
        if (names?.FirstOrDefault(name => name != DetectorRoster.All && !Catalog<Detector>.Names.Contains(name)) is { } name)
            throw new UnknownNameException(nameof(Detector), name, Catalog<Detector>.Names);
        return names;
    }

    /// <summary>Whether to choose hyper-parameters.</summary>
    internal bool Tune(ParseResult parsed) => parsed.GetValue(_tune);

    /// <summary>The hyper-parameters, each of a detector that will run: a setting that changes nothing is a mistake.</summary>
    internal string[] Settings(ParseResult parsed, IReadOnlyList<string> names)
    {
        var settings = parsed.GetValue(_set) ?? [];
        DetectorFactory.Check(settings);
        foreach (var setting in settings)
        {
            var name = setting[..setting.IndexOf('.', StringComparison.Ordinal)].ToLowerInvariant();
            if (!names.Contains(DetectorRoster.All) && !names.Contains(name))
                throw new UsageException($"--set {setting}: {name} is not among the detectors ({string.Join(", ", names)})");
        }

        return settings;
    }

    /// <summary>Names between commas, or null for none given.</summary>
    internal static string[]? Split(string? text, string option)
    {
        var names = text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names is { Length: 0 } ? throw new UsageException($"{option} needs at least one name") : names;
    }
}
