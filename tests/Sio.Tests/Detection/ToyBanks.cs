using Sio.Data;
using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>
/// A set that any detector must solve: three classes along three axes of a feature space, at length 5, with a head that reads
/// these axes; out-of-distribution images lie along other axes, near the origin.
/// </summary>
internal sealed class ToyBanks : IDisposable
{
    private const int Classes = 3;
    private const int Size = 8;

    internal ToyBanks()
    {
        using var scope = NewDisposeScope();
        var weight = new float[Classes * Size];
        for (var c = 0; c < Classes; c++)
            weight[(c * Size) + c] = 1;
        Weight = torch.tensor(weight, [Classes, Size]).DetachFromDisposeScope();
        Bias = torch.zeros([Classes]).DetachFromDisposeScope();
        // 500 images a class, so that OpenMax's tail, the 20 farthest of each, is a tail: of 100 it would be a fifth.
        Fit = new DetectorFit(Bank("train", 1500, ood: false), Weight, Bias, Bank("validation", 150, ood: false));
        Id = Bank("id", 100, ood: false);
        Ood = Bank("ood", 100, ood: true);
    }

    internal DetectorFit Fit { get; }

    internal FeatureBank Id { get; }

    internal FeatureBank Ood { get; }

    private Tensor Weight { get; }

    private Tensor Bias { get; }

    public void Dispose()
    {
        Fit.Train!.Dispose();
        Fit.Validation!.Dispose();
        Id.Dispose();
        Ood.Dispose();
        Weight.Dispose();
        Bias.Dispose();
    }

    private FeatureBank Bank(string name, int count, bool ood)
    {
        var random = RandomStream.For(1, name);
        var features = new float[count * Size];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < Size; j++)
                features[(i * Size) + j] = (float)Math.Abs(0.3 * random.NextGaussian());
            features[(i * Size) + (ood ? Classes + (i % (Size - Classes)) : i % Classes)] += ood ? 1 : 5;
        }

        var tensor = torch.tensor(features, [count, Size]);
        return new FeatureBank(name, tensor, nn.functional.linear(tensor, Weight, Bias), [.. Enumerable.Range(0, count).Select(i => ood ? ImageSet.OodLabel : i % Classes)]);
    }
}
