using Sio.Data;
using Sio.Detection;
using Sio.Networks;

namespace Sio.Experiments;

/// <summary>What a run's network says of all images that an evaluation looks at, each set in one pass: those to fit and to choose with, and those to score.</summary>
internal sealed class EvaluationBanks : IDisposable
{
    private readonly List<FeatureBank> _tests = [];

    private EvaluationBanks()
    {
    }

    /// <summary>Training images; null where no detector fits on them.</summary>
    internal FeatureBank? Train { get; private set; }

    /// <summary>ID validation images; null where nothing is fitted or chosen with them.</summary>
    internal FeatureBank? Validation { get; private set; }

    /// <summary>OOD validation images; null where no hyper-parameter is to be chosen.</summary>
    internal FeatureBank? ValidationOod { get; private set; }

    /// <summary>The ID test images first, then the near, the far, and the covariate-shifted ID sets.</summary>
    internal IReadOnlyList<FeatureBank> Tests => _tests;

    /// <summary>Runs the networks.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its network, which must live as long as the banks.</param>
    /// <param name="roster">The detectors that will run: there is no forward pass for what none of them asks for.</param>
    /// <param name="members">Further networks; they run only where a detector needs several.</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DetectionException">A network gives NaN or infinite values.</exception>
    /// <exception cref="DataException">A member's weights are missing or do not fit.</exception>
    internal static EvaluationBanks Extract(Run run, Classifier model, DetectorRoster roster, EnsembleRuns members, RunObserver? observer, CancellationToken cancellation)
    {
        var data = run.Data;
        var tune = run.Recipe.Evaluation.Tune && roster.CanTune;
        var train = roster.Needs.HasFlag(DetectorNeeds.TrainingSet) ? data.Train : null;
        var validation = tune || roster.Needs.HasFlag(DetectorNeeds.ValidationSet) ? data.Validation : null;
        var validationOod = tune ? data.ValidationOod : null;
        ImageSet[] tests = [data.Test, .. data.Near, .. data.Far, .. data.ShiftedId];

        var fitted = (train?.Count ?? 0) + (validation?.Count ?? 0) + (validationOod?.Count ?? 0);
        var total = fitted + tests.Sum(set => set.Count);
        var several = roster.Needs.HasFlag(DetectorNeeds.SeveralNetworks) ? members.Count : 0;
        var (done, all) = (0, total + (several * (total - (roster.FitsOnSeveralNetworks ? 0 : fitted))));

        // Decided once: ID and OOD images must go through the very same arithmetic, however many there are of each.
        using var folded = FeatureBank.Fold(model, total, run.Recipe.Evaluation.Precision);
        var banks = new EvaluationBanks();
        try
        {
            banks.Train = One(train);
            banks.Validation = One(validation);
            banks.ValidationOod = One(validationOod);
            foreach (var set in tests)
                banks._tests.Add(One(set)!);
            if (several > 0)
            {
                (ImageSet? Images, FeatureBank? Bank)[] fits =
                    roster.FitsOnSeveralNetworks ? [(train, banks.Train), (validation, banks.Validation), (validationOod, banks.ValidationOod)] : [];
                members.AddTo([.. fits.Where(set => set.Bank is not null).Select(set => (set.Images!, set.Bank!)), .. tests.Zip(banks._tests)], Done, cancellation);
            }

            return banks;
        }
        catch
        {
            banks.Dispose();
            throw;
        }

        void Done(int count) => observer?.Evaluated(done += count, all);

        FeatureBank? One(ImageSet? set) => set is null ? null : FeatureBank.Extract(
            model, folded, set, run.Normalization, keepImages: true, run.Recipe.Evaluation.BatchSize, Done, run.Recipe.Evaluation.FlipAverage, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train?.Dispose();
        Validation?.Dispose();
        ValidationOod?.Dispose();
        foreach (var bank in _tests)
            bank.Dispose();
    }
}
