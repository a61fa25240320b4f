using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>
/// Images, and the scores that the original Python implementations gave them on a small network: <c>Fixtures/posthoc/images.npz</c>, packed by
/// <c>make_images.py</c> beside it; the network is there twice, as weights and as TorchScript.
/// </summary>
internal static class ImageReference
{
    /// <summary>The normalisation of the images.</summary>
    internal static readonly Normalization Normalization = new([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]);

    private static readonly IReadOnlyDictionary<string, NpyArray> s_arrays =
        Npz.Read(Path.Combine(AppContext.BaseDirectory, "Fixtures", "posthoc", "images.npz"));

    /// <summary>The first images of <c>id</c>, <c>near</c> or <c>far</c>.</summary>
    internal static ImageSet Images(string split)
    {
        var pixels = s_arrays[$"images_{split}"];
        var count = (int)pixels.Shape[0];
        return new ImageSet(split, pixels.Elements<byte>(), new int[count], 3, 32, 32, 10);
    }

    internal static float[] Values(string what, string split) => s_arrays[$"{what}_{split}"].Elements<float>();

    /// <summary>The TorchScript file, which gives logits and features.</summary>
    internal static string ScriptPath => Path.Combine(AppContext.BaseDirectory, "Fixtures", "posthoc", "model.pt");

    /// <summary>The network with its weights; the caller disposes it.</summary>
    internal static Classifier Network()
    {
        using var scope = NewDisposeScope();
        var network = new SmallNetwork();
        // Counters of batches are not in the reference, and do not matter in evaluation.
        network.LoadStateDict(network.StateDict().ToDictionary(
            entry => entry.Name,
            entry => s_arrays.TryGetValue("model." + entry.Name, out var array) ? torch.tensor(array.Elements<float>(), array.Shape) : entry.Value));
        network.eval();
        return network;
    }

    /// <summary>Scores of all splits are the reference's, to a share of their standard deviation.</summary>
    internal static void AssertScores(string row, double share, Func<string, float[]> scores)
    {
        foreach (var split in PosthocReference.Splits)
        {
            var expected = Values(row, split);
            var actual = scores(split);
            var mean = expected.Average(value => (double)value);
            var deviation = Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
            var worst = expected.Zip(actual).Max(pair => Math.Abs(pair.First - (double)pair.Second)) / deviation;
            Assert.Equal(expected.Length, actual.Length);
            Assert.True(worst <= share, $"{row} {split}: off by {worst:E1} of the deviation");
        }
    }

    /// <summary>conv1, bn1 and four stages of convolution, batch norm, ReLU: the network of the reference.</summary>
    private sealed class SmallNetwork : Classifier
    {
        private readonly Conv2d _conv1;
        private readonly BatchNorm2d _bn1;

        internal SmallNetwork()
            : base(new ClassifierShape(3, 32, 32, 10))
        {
            _conv1 = this.Register("conv1", new Conv2d(3, 16, 3, padding: 1, bias: false));
            _bn1 = this.Register("bn1", new BatchNorm2d(16));
            Stages = [Stage(1, 16, 32, 2), Stage(2, 32, 48, 1), Stage(3, 48, 64, 2), Stage(4, 64, 64, 1)];
            Head = this.Register("fc", new Linear(64, 10));
        }

        public override Linear Head { get; }

        protected override IReadOnlyList<nn.Module<Tensor, Tensor>> Stages { get; }

        protected override Tensor Stem(Tensor images) => _bn1.call(_conv1.call(images)).relu_();

        protected override Tensor FeaturesCore(Tensor images) => nn.functional.adaptive_avg_pool2d(Stages.Aggregate(Stem(images), (x, stage) => stage.call(x)), 1).flatten(1);

        private TorchSharp.Modules.Sequential Stage(int number, int inChannels, int outChannels, int stride) => this.Register($"layer{number}", nn.Sequential(new Conv2d(inChannels, outChannels, 3, stride, padding: 1, bias: false), new BatchNorm2d(outChannels), nn.ReLU()));
    }
}
