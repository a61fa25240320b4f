// SIO in a training loop of your own: two sources of images, one sampler, and nothing of our trainer.
//
//   dotnet run -c Release --project examples/OwnTrainingLoop -- [--data DIR] [--synthetic PATH] [--images N] [--epochs N]
using System.Globalization;
using Sio.Data;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

const int seed = 1;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
// Null takes the whole set where it is here, else what ships with the library: the 1,800 images below are the same.
var folder = Option("--data", "") is { Length: > 0 } given ? given : null;
var epochs = int.Parse(Option("--epochs", "10"));

// 1. Real images: some classes of Fashion-MNIST are known, the others are kept for the end.
int[] known = [.. ShippedSets.FashionMnist6Labels];
var all = FashionMnist.Load(Split.Train, folder).KeepClasses(known);
var real = all.Take(Math.Min(int.Parse(Option("--images", "1800")), all.Count), seed);
var test = FashionMnist.Load(Split.Test, folder);

// 2. Synthetic images of the same classes: a folder with images.npy and labels.npy, or an .npz.
var synthetic = SyntheticSet.Load(Option("--synthetic", ShippedSets.Find(ShippedSets.FashionMnist6)), real, labelMap: known);

// 3. Which images make up a batch: four of five are real.
var sampler = new TwoSourceSampler(real.Count, synthetic.Count, batchSize: 64, realRatio: 0.8, seed, SamplingOrder.Continuous);
var normalization = new Normalization(Mean: [0.286f], Std: [0.353f]);
var augmentation = new BatchAugmentation(normalization.Mean, normalization.Std, padding: 2, flip: true, seed);

// 4. A network and its optimiser: any TorchSharp module that gives logits, and TorchSharp's own SGD.
using var generator = new Generator(seed);
using var network = new LeNet5(new ClassifierShape(real.Channels, real.Height, real.Width, real.ClassCount), generator);
using var optimizer = torch.optim.SGD(network.parameters(), learningRate: 0.05, momentum: 0.9, weight_decay: 5e-4, nesterov: true);
var schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max: epochs * sampler.BatchesPerEpoch);

// 5. The loop. The scope frees a step's tensors; without it they would wait for the garbage collector.
for (var epoch = 0; epoch < epochs; epoch++)
{
    var sum = 0.0;
    foreach (var batch in sampler.Epoch(epoch))
    {
        using var scope = NewDisposeScope();
        var images = torch.empty([batch.Count, real.Channels, real.Height, real.Width]);
        augmentation.Fill(batch, real, synthetic, images.AsSpan<float>());
        var labels = torch.empty([batch.Count], dtype: ScalarType.Int64);
        batch.CopyLabels(real, synthetic, labels.AsSpan<long>());

        optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(network.call(images), labels);
        loss.backward();
        optimizer.step();
        schedule.step();
        sum += loss.ToDouble();
    }

    Console.WriteLine($"epoch {epoch + 1} of {epochs}: loss {sum / sampler.BatchesPerEpoch:F4}");
}

// 6. One pass over each test set; detectors score from what it leaves. Higher means more in-distribution.
using var id = FeatureBank.Extract(network, test.KeepClasses(known, "known"), normalization);
using var ood = FeatureBank.Extract(network, test.HoldOutClasses([3, 4, 6, 9], "unknown"), normalization);
using var detector = new Ebo();
Console.WriteLine($"accuracy on the known classes: {Accuracy.Compute(id.Predictions(), id.Labels):F2} %");
Console.WriteLine($"AUROC against the other classes: {OodMetrics.Compute(detector.Score(id), detector.Score(ood)).Auroc:F2} %");

string Option(string name, string standard) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : standard;
