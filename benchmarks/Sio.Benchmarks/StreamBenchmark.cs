using System.Diagnostics;
using System.Formats.Tar;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Shards;

namespace Sio.Benchmarks;

/// <summary>Batches of images that are read from files where they are needed, when the network takes no time at all: random parts for training, from files and from a tar shard, and evaluation.</summary>
internal static class StreamBenchmark
{
    private const int BatchSize = 32;
    private static readonly Normalization s_normalization = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Reads all images of a folder in each way.</summary>
    public static void Run(string folder, int[] threadCounts)
    {
        var shard = folder + ".tar";
        using (var tar = new TarWriter(File.Create(shard)))
        {
            foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
                tar.WriteEntry(file, Path.GetFileName(file));
        }

        var preparation = ImagePreparation.Square(224, 256);
        Train("warm-up", ImageSets.Open(ImageListing.FromFolder(folder), "files", preparation, memoryLimit: 0, threads: 1));
        foreach (var threads in threadCounts.Distinct())
        {
            var files = ImageSets.Open(ImageListing.FromFolder(folder), "files", preparation, memoryLimit: 0, threads: threads);
            Train($"training, files, {threads} thread(s)", files);
            Train($"training, shard, {threads} thread(s)", ImageSets.Open(new ShardSet([shard]), "shard", preparation, memoryLimit: 0, threads: threads));
            Evaluate($"evaluation, files, {threads} thread(s)", files);
        }

        Console.WriteLine($"most resident memory so far: {Process.GetCurrentProcess().PeakWorkingSet64 / 1_000_000} MB");
    }

    private static void Train(string what, ImageSet set)
    {
        var augmentation = new BatchAugmentation(s_normalization.Mean, s_normalization.Std, 0, flip: true, seed: 1) { RandomResizedCrop = new RandomResizedCrop() };
        var batches = new TwoSourceSampler(set.Count, 0, BatchSize, 1, 1, SamplingOrder.Continuous).Epoch(0);
        var (start, before, delivered) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime, 0);
        using var loader = new BatchLoader(set, null, augmentation, batches);
        foreach (var batch in loader.Batches())
        {
            delivered += batch.Batch.Count;
            batch.Dispose();
        }

        Console.WriteLine(DecodeBenchmark.Report(what, delivered, start, before));
    }

    private static void Evaluate(string what, ImageSet set)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        foreach (var batch in EvaluationBatches.Of(set, s_normalization, BatchSize))
            batch.Dispose();
        Console.WriteLine(DecodeBenchmark.Report(what, set.Count, start, before));
    }
}
