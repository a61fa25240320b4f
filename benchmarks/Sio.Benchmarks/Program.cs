using Sio.Benchmarks;

// One benchmark per file; a new one joins by a line here.
var benchmarks = new Dictionary<string, (string What, Action<string[]> Run)>
{
    ["metrics"] = ("all OOD metrics on 1 and 10 million scores [--runs N]", MetricsBenchmark.Run),
    ["ops"] = ("cost of an operator call [--rounds N] [--calls N]", OpsBenchmark.Run),
    ["step"] = ("training step of ResNet-18 [--steps N] [--warm-up N] [--bare] [--channels-last] [--threads N] [--network NAME]", StepBenchmark.Run),
    ["decode"] = ("JPEG files decoded to 224×224 on one core, and in batches from files and shards; a folder of 32×32 PNG files, then from the cache [--jpegs N] [--pngs N] [--threads N] [--folder DIR]", DecodeBenchmark.Run),
    ["load"] = ("CIFAR-10's 50,000 training images into memory, from files and from the archive [--runs N] [--folder DIR]", LoadBenchmark.Run),
    ["loader"] = ("batches of CIFAR size per second [--rounds N] [--images N] [--objective NAME]", LoaderBenchmark.Run),
    ["forward"] = ("forward pass of a feature bank, eager, folded and in bf16 [--rounds N] [--batch N] [--threads N]", ForwardBenchmark.Run),
    ["detectors"] = ("all of Table 1's detectors beside one forward pass of ResNet-18 [--images N] [--repeats N] [--rounds N] [--odin N] [--threads N]", DetectorsBenchmark.Run),
    ["knn"] = ("exact nearest neighbours, 50,000 × 512 fitted, 10,000 queries [--runs N] [--threads N] [--fit N] [--queries N] [--size N] [--k N]", KnnBenchmark.Run),
    ["gan"] = ("training step of the GAN for 28×28, and sampling 50,000 images [--steps N] [--warm-up N] [--images N] [--threads N] [--batch N] [--channels N]", GanBenchmark.Run),
    ["diffusion"] = ("the diffusion sampler's overhead over its network evaluations [--runs N] [--steps N] [--threads N] [--channels N] [--guidance PERCENT] [--churn N]", DiffusionBenchmark.Run),
    ["memory"] = ("live tensors and resident memory over 1,000 steps [--steps N] [--network NAME] [--threads N]", MemoryBenchmark.Run),
};

if (args.Length > 0 && benchmarks.TryGetValue(args[0], out var chosen))
{
    chosen.Run(args[1..]);
    return 0;
}

Console.Error.WriteLine("sio-bench BENCHMARK [options], with one of:");
foreach (var (name, (what, _)) in benchmarks)
    Console.Error.WriteLine($"  {name,-12} {what}");
return 2;
