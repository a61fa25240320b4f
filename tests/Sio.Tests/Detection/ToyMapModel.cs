using Sio.Data;
using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>A network of stages written out in a test, whose feature maps can be worked out by hand: logits are the mean of the last map over positions, times a head.</summary>
/// <param name="head">[C,c]; the caller disposes it.</param>
/// <param name="stages">From images to the first map, and on from map to map.</param>
internal sealed class ToyMapModel(Tensor head, params Func<Tensor, Tensor>[] stages) : IDetectionModel
{
    public IReadOnlyList<float> Std { get; init; } = [1];

    public (Tensor Logits, Tensor Features) Forward(Tensor images)
    {
        var features = FeatureMaps(images)![^1].mean([2, 3]);
        return (nn.functional.linear(features, head), features);
    }

    public IReadOnlyList<Tensor>? FeatureMaps(Tensor images)
    {
        var x = images;
        return [.. stages.Select(stage => x = stage(x))];
    }

    public Tensor LogitsFromStage(int stage, Tensor map) => nn.functional.linear(stages.Skip(stage + 1).Aggregate(map, (x, next) => next(x)).mean([2, 3]), head);

    /// <summary>A bank of images [N,channels,H,W], as given; it belongs to the open tensor scope.</summary>
    internal FeatureBank Bank(Tensor images, int[] labels, int batch = 64)
    {
        using var noGrad = no_grad();
        var (logits, features) = Forward(images);
        return new FeatureBank("toy", features, logits, labels) { Images = new BankImages(this, Batches) };

        IEnumerable<Tensor> Batches()
        {
            for (var start = 0; start < labels.Length; start += batch)
                yield return images.narrow(0, start, Math.Min(batch, labels.Length - start));
        }
    }

    /// <summary>A fit with this network's head.</summary>
    internal DetectorFit Fit(FeatureBank train, FeatureBank? validation = null) => new(train, head, torch.zeros([head.size(0)]), validation);

    /// <summary>Images [N,c,1,w] of rows, each channel after channel.</summary>
    internal static Tensor Images(int channels, params float[][] rows) =>
        torch.tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, channels, 1, rows[0].Length / channels]);

    /// <summary>
    /// Images that any detector must tell apart: eight channels of 2×2 with noise, of which one is bright: that of the class, or, for the others, a little, one that no class has.
    /// </summary>
    internal static (Tensor Images, int[] Labels) Blobs(string name, int count, bool ood = false)
    {
        const int Classes = 3, Size = 8, Pixels = 4;
        var random = RandomStream.For(3, name);
        var values = new float[count * Size * Pixels];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Math.Abs(0.3 * random.NextGaussian());
        for (var i = 0; i < count; i++)
        {
            var bright = ood ? Classes + (i % (Size - Classes)) : i % Classes;
            for (var k = 0; k < Pixels; k++)
                values[(((i * Size) + bright) * Pixels) + k] += ood ? 1 : 5;
        }

        return (torch.tensor(values, [count, Size, 2, 2]), [.. Enumerable.Range(0, count).Select(i => ood ? ImageSet.OodLabel : i % Classes)]);
    }

    /// <summary>Two stages and a head that reads the first three of eight channels.</summary>
    internal static ToyMapModel OfBlobs()
    {
        var weight = torch.zeros([3, 8]);
        for (var c = 0; c < 3; c++)
            weight.narrow(0, c, 1).narrow(1, c, 1).fill_(1);
        return new ToyMapModel(weight, x => x.relu(), x => nn.functional.avg_pool2d(x, 2)) { Std = [1, 1, 1, 1, 1, 1, 1, 1] };
    }
}
