using System.Diagnostics;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>
/// What detectors cost beside the forward pass that they score from: ResNet-18 on 5,500 images of CIFAR's size in five sets, 10 of the paper's Table 1 and GradNorm, each
/// fitted anew, and ODIN, which needs passes of its own. The images are uint8 in memory, so that decoding is their normalisation. The forward pass over the fit
/// set (2,000 training and 500 validation images) is counted on neither side, its fit is the detectors' own.
/// </summary>
internal static class DetectorsBenchmark
{
    private const int Batch = 256;

    private static readonly string[] s_detectors = ["openmax", "msp", "tempscale", "ebo", "react", "mls", "klm", "vim", "knn", "dice", "gradnorm"];

    private static readonly Normalization s_normalization = new([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]);

    public static void Run(string[] args)
    {
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", 2);
        var images = Stopclock.Option(args, "--images", 5500);
        var repeats = Stopclock.Option(args, "--repeats", 5);
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var model = Catalog<Classifier>.Create("resnet18_32x32", new ClassifierShape(3, 32, 32, TrainingBench.Classes), generator);
        SpreadClasses(model);
        using var folded = FoldedClassifier.TryFold(model) ?? throw new InvalidOperationException("the network cannot be folded");

        // ID, near, and three far sets; TorchScript has compiled before the first of them.
        ImageSet[] sets = [.. new[] { 15, 10, 10, 10, 10 }.Select((share, i) => TrainingBench.RandomImages($"set{i}", images * share / 55, 3, 32, seed: i))];
        FeatureBank.Extract(model, folded, sets[0].Take(Batch, 1), s_normalization, keepImages: false, Batch).Dispose();
        var batches = new List<double>();
        var clock = new Clock();
        var last = 0.0;
        FeatureBank[] banks = [.. sets.Select(set => FeatureBank.Extract(model, folded, set, s_normalization, keepImages: false, Batch, count =>
        {
            var now = clock.Wall;
            if (count == Batch)
                batches.Add(now - last);
            last = now;
        }))];
        var (forward, forwardCpu) = (clock.Wall, clock.Cpu);
        var count = banks.Sum(bank => bank.Count);
        var fastest = batches.Min() / Batch * count;
        Console.WriteLine($"forward pass of {count} images, folded: {forward:F2} s, CPU {forwardCpu:F2} s; at the speed of its fastest batch {fastest:F2} s");

        using var train = FitSet("train", banks[0], model, 2000);
        using var validation = FitSet("val", banks[0], model, 500);
        Detectors(new DetectorFit(train, model.Head.weight.detach(), model.Head.bias!.detach(), validation), banks, repeats, forward, forwardCpu, fastest);
        foreach (var bank in banks)
            bank.Dispose();
        Traced(model, folded, sets[0], Stopclock.Option(args, "--rounds", 3));
        Odin(model, sets[1].Take(Stopclock.Option(args, "--odin", Batch), 1), Stopclock.Option(args, "--rounds", 2));
    }

    private static void Detectors(DetectorFit fit, FeatureBank[] banks, int repeats, double forward, double forwardCpu, double fastestForward)
    {
        var (first, fastest, cpu) = (0.0, double.PositiveInfinity, double.PositiveInfinity);
        var each = s_detectors.ToDictionary(name => name, _ => (Fit: double.PositiveInfinity, Score: double.PositiveInfinity));
        for (var repeat = 0; repeat <= repeats; repeat++)
        {
            var all = new Clock();
            foreach (var name in s_detectors)
            {
                var own = new Clock();
                using var detector = DetectorFactory.Create(name);
                detector.Fit(fit);
                var fitted = own.Wall;
                foreach (var bank in banks)
                    detector.Score(bank);
                each[name] = (Math.Min(each[name].Fit, fitted), Math.Min(each[name].Score, own.Wall - fitted));
            }

            if (repeat == 0)
                first = all.Wall;
            (fastest, cpu) = (Math.Min(fastest, all.Wall), Math.Min(cpu, all.Cpu));
        }

        foreach (var (name, (fitted, scored)) in each)
            Console.WriteLine($"  {name,-10} fit {fitted * 1000,7:F1} ms, score {scored * 1000,7:F1} ms");
        Console.WriteLine($"{s_detectors.Length} detectors: {fastest:F3} s fastest of {repeats}, {first:F3} s the first time (with compilation), CPU {cpu:F3} s");
        Console.WriteLine(
            $"forward pass and detectors over the forward pass: {1 + (first / forward):F3} as they ran first, {1 + (fastest / fastestForward):F3} fastest over fastest, {1 + (cpu / forwardCpu):F3} by CPU time");
    }

    // Rounds alternate, so that other programs on the machine meet both alike.
    private static void Traced(Classifier model, FoldedClassifier folded, ImageSet set, int rounds)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var bank = FeatureBank.Extract(model, null, set.Take(Batch, 1), s_normalization, keepImages: true, Batch);
        var images = bank.Images!.Batches().Single();
        var (eager, optimized, worst) = (double.PositiveInfinity, double.PositiveInfinity, 0.0);
        for (var round = 0; round < rounds; round++)
        {
            using var step = NewDisposeScope();
            var clock = new Clock();
            var (logits, features) = folded.Forward(images);
            optimized = Math.Min(optimized, clock.Wall);
            clock = new Clock();
            var plainFeatures = model.Features(images);
            var plain = model.Head.call(plainFeatures);
            eager = Math.Min(eager, clock.Wall);
            worst = new[] { worst, Difference(logits, plain), Difference(features, plainFeatures) }.Max();
        }

        Console.WriteLine($"{Batch} images: eager {eager:F3} s, folded {optimized:F3} s (fastest of {rounds}), ratio {eager / optimized:F2}; largest difference of features and logits {worst:E1}");
        if (!(worst <= 1e-4))
            throw new InvalidOperationException("the folded network differs from the network by more than 1e-4");

        static double Difference(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();
    }

    private static void Odin(Classifier model, ImageSet set, int rounds)
    {
        using var bank = FeatureBank.Extract(model, null, set, s_normalization, keepImages: true, Batch);
        using var detector = DetectorFactory.Create("odin");
        var (odin, passes, pass) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var (odinCpu, passesCpu) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var round = 0; round < rounds; round++)
        {
            var clock = new Clock();
            detector.Score(bank);
            (odin, odinCpu) = (Math.Min(odin, clock.Wall), Math.Min(odinCpu, clock.Cpu));
            var (all, second) = (new Clock(), 0.0);
            foreach (var images in bank.Images!.Batches())
            {
                using var scope = NewDisposeScope();
                images.requires_grad = true;
                autograd.grad([model.call(images).sum()], [images])[0]!.Dispose();
                using var noGrad = no_grad();
                clock = new Clock();
                model.call(images);
                second += clock.Wall;
                images.Dispose();
            }

            (passes, passesCpu, pass) = (Math.Min(passes, all.Wall), Math.Min(passesCpu, all.Cpu), Math.Min(pass, second));
        }

        Console.WriteLine(
            $"odin on {set.Count} images: {odin:F2} s, CPU {odinCpu:F2}; two forward passes and one backward pass alone {passes:F2} s, CPU {passesCpu:F2}; "
            + $"ratio {odin / passes:F2}, by CPU time {odinCpu / passesCpu:F2}; {odin / pass:F1} forward passes, not folded (fastest of {rounds})");
    }

    // An untrained network gives all images nearly the same logits. Centred and stretched they vary, so that every class is predicted, as OpenMax and KLM need it.
    private static void SpreadClasses(Classifier model)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.eval();
        var images = TrainingBench.RandomImages("probe", 64, 3, 32, seed: 9);
        using var bank = FeatureBank.Extract(model, null, images, s_normalization, keepImages: false, 64);
        var (mean, deviation) = (bank.Features.mean([0]), bank.Features.var([0], unbiased: true).sqrt().mean().ToDouble());
        model.Head.weight.mul_(1 / Math.Max(deviation, 1e-6));
        model.Head.bias!.copy_(model.Head.weight.matmul(mean.unsqueeze(1)).squeeze(1).neg());
    }

    // Rows like the test images', 10 % off, labelled as they are predicted: what they are does not change what fitting costs.
    private static FeatureBank FitSet(string name, FeatureBank like, Classifier model, int count)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var random = RandomStream.For(3, name);
        var rows = torch.tensor(((long[])[.. Enumerable.Range(0, count).Select(_ => (long)random.NextInt(like.Count))]));
        var features = like.Features.index_select(0, rows) * ((torch.rand([count, like.Features.size(1)]) * 0.2) + 0.9);
        var logits = model.Head.call(features);
        return new FeatureBank(name, features, logits, Array.ConvertAll(logits.argmax(1).ToArray<long>(), label => (int)label));
    }

    /// <summary>Seconds since it was made, of the clock and of all processors together.</summary>
    private sealed class Clock
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly TimeSpan _before = Used();

        public double Wall => _watch.Elapsed.TotalSeconds;

        public double Cpu => (Used() - _before).TotalSeconds;

        private static TimeSpan Used()
        {
            using var self = Process.GetCurrentProcess();
            return self.TotalProcessorTime;
        }
    }
}
