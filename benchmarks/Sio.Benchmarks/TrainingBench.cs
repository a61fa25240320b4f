using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Optim;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>What the benchmarks of training share: random images in memory, and the step that the trainer makes.</summary>
internal static class TrainingBench
{
    public const int BatchSize = 128;
    public const double RealRatio = 0.8;
    public const int Classes = 10;

    public static ImageSet RandomImages(string name, int count, int channels, int side, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[count * channels * side * side];
        random.NextBytes(pixels);
        var labels = new int[count];
        for (var i = 0; i < count; i++)
            labels[i] = random.Next(Classes);
        return new ImageSet(name, pixels, labels, channels, side, side, Classes);
    }

    public static BatchAugmentation Augmentation(int channels) =>
        new([.. Enumerable.Repeat(0.5f, channels)], [.. Enumerable.Repeat(0.25f, channels)], padding: 4, flip: true, seed: 1);

    public static BatchLoader Loader(ImageSet real, ImageSet synthetic, int batches, BatchExtras? extras = null)
    {
        var sampler = new TwoSourceSampler(real.Count, synthetic.Count, BatchSize, RealRatio, seed: 1);
        return new BatchLoader(real, synthetic, Augmentation(real.Channels), Walk(), extras: extras);

        IEnumerable<Batch> Walk()
        {
            for (var i = 0; i < batches; i++)
                yield return sampler.GetBatch(i / sampler.BatchesPerEpoch, i % sampler.BatchesPerEpoch);
        }
    }

    public static Sgd Optimizer(Classifier model) => new(model.parameters(), learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4, nesterov: true);

    /// <summary>One step with the trainer's own calls, accuracy included.</summary>
    public static double Step(Classifier model, Sgd optimizer, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        optimizer.ZeroGrad();
        var logits = model.call(images);
        var loss = nn.functional.cross_entropy(logits, labels);
        var value = loss.ToNumber();
        loss.backward();
        optimizer.Step();
        _ = logits.detach().argmax(1).eq(labels).sum().ToNumber();
        return value;
    }
}
