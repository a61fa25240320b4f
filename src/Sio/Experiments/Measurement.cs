using Sio.Detection;
using Sio.Evaluation;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments.Results;

namespace Sio.Experiments;

/// <summary>What a network did on the ID images of an evaluation, and with it every metric of each detector's scores.</summary>
internal sealed class Measurement
{
    private readonly string[] _ood;
    private readonly OodGroups _groups;
    private readonly bool[]? _correct;
    private readonly bool[]? _fullCorrect;

    /// <summary>Looks at the network's predictions.</summary>
    /// <param name="banks">The ID test images first, then the OOD sets, then the covariate-shifted ID sets.</param>
    /// <param name="ood">Names of the OOD sets, in the banks' order.</param>
    /// <param name="shifted">Names of the shifted sets, likewise; none for no full-spectrum results.</param>
    /// <param name="groups">Which OOD sets are near and which far.</param>
    public Measurement(IReadOnlyList<FeatureBank> banks, IEnumerable<string> ood, IReadOnlyList<string> shifted, OodGroups groups)
    {
        _ood = [.. ood];
        _groups = groups;
        _correct = Correct(banks[0]);
        bool[]?[] all = [_correct, .. banks.Skip(1 + _ood.Length).Select(Correct)];
        _fullCorrect = all.Contains(null) ? null : [.. all.SelectMany(flags => flags!)];
        Accuracy = Share(banks[0]);
        Calibration = Calibrated(banks[0]);
        ShiftedId = shifted.Count == 0
            ? null
            : shifted.Zip(banks.Skip(1 + _ood.Length)).ToDictionary(entry => entry.First, entry => new ShiftedResults { Accuracy = Share(entry.Second), Calibration = Calibrated(entry.Second) });
    }

    /// <summary>Accuracy on the ID test images, per cent; null where their labels are not known.</summary>
    public double? Accuracy { get; }

    /// <summary>Calibration on the ID test images, likewise.</summary>
    public CalibrationResults? Calibration { get; }

    /// <summary>The network on each shifted set; null where there is none.</summary>
    public IReadOnlyDictionary<string, ShiftedResults>? ShiftedId { get; }

    /// <summary>Every metric of a detector.</summary>
    /// <param name="scores">Scores of the banks, in their order.</param>
    public DetectorResults Measure(float[][] scores)
    {
        double[][] all = [.. scores.Select(set => Array.ConvertAll(set, score => (double)score))];
        var standard = new ScoredSets(all[0], all[1..(1 + _ood.Length)]);
        var results = Measure(standard, _correct);
        return ShiftedId is null
            ? results
            : results with { FullSpectrum = Measure(Evaluation.FullSpectrum.Merge(standard, all[(1 + _ood.Length)..]), _fullCorrect) };
    }

    private DetectorResults Measure(ScoredSets scores, bool[]? correct)
    {
        var sets = _ood.Zip(scores.Ood).ToDictionary(entry => entry.First, entry => SetMetrics.Compute(scores.Id, correct, entry.Second));
        var results = DetectorResults.FromSets(sets, _groups.Near, _groups.Far);
        if (correct is null)
            return results;
        var risk = SelectiveRisk.Compute(scores.Id, correct);
        return results with { Aurc = risk.Aurc, Eaurc = risk.ExcessAurc };
    }

    private static bool[]? Correct(FeatureBank bank) => !bank.HasLabels ? null : [.. bank.Predictions().Zip(bank.Labels, (prediction, label) => prediction == label)];

    private static CalibrationResults? Calibrated(FeatureBank bank) => bank.HasLabels ? CalibrationResults.Of(bank) : null;

    private static double? Share(FeatureBank bank) => !bank.HasLabels ? null : Evaluation.Accuracy.Compute(bank.Predictions(), bank.Labels);
}
