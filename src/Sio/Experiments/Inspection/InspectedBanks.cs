using Sio.Data;
using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Experiments.Inspection;

/// <summary>The features of all images of an inspection, from one classifier and the very same arithmetic.</summary>
internal sealed class InspectedBanks : IDisposable
{
    private InspectedBanks(FeatureBank training, FeatureBank heldOut, FeatureBank synthetic) => (Training, HeldOut, Synthetic) = (training, heldOut, synthetic);

    internal FeatureBank Training { get; }

    internal FeatureBank HeldOut { get; }

    internal FeatureBank Synthetic { get; }

    internal static InspectedBanks Extract(Run run, RunFolder folder, InspectedData data, RunObserver observer, CancellationToken cancellation)
    {
        var banks = new List<FeatureBank>();
        try
        {
            using var model = run.LoadModel(folder);
            ImageSet[] sets = [data.Real.Train, data.Real.Test, data.Synthetic];
            var (done, total) = (0, sets.Sum(set => set.Count));
            using var folded = FeatureBank.Fold(model, total);
            foreach (var set in sets)
            {
                banks.Add(FeatureBank.Extract(
                    model, folded, set, run.Normalization, keepImages: false, run.Recipe.Evaluation.BatchSize, count => observer.Evaluated(done += count, total), cancellation: cancellation));
            }

            return new InspectedBanks(banks[0], banks[1], banks[2]);
        }
        catch
        {
            banks.ForEach(bank => bank.Dispose());
            throw;
        }
    }

    /// <summary>Some rows of a bank's features, [n,D], in the current scope.</summary>
    internal static Tensor Rows(FeatureBank bank, int[] indices) => bank.Features.index_select(0, torch.tensor(Array.ConvertAll(indices, i => (long)i), [indices.Length]));

    public void Dispose()
    {
        Training.Dispose();
        HeldOut.Dispose();
        Synthetic.Dispose();
    }
}
