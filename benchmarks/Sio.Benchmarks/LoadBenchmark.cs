using System.Formats.Tar;
using System.IO.Compression;
using Sio.Data;

namespace Sio.Benchmarks;

/// <summary>How long CIFAR-10's 50,000 training images take from the files into memory: unpacked files, and the archive as it is downloaded.</summary>
internal static class LoadBenchmark
{
    public static void Run(string[] args)
    {
        var runs = Stopclock.Option(args, "--runs", 5);
        var folder = Stopclock.Text(args, "--folder", string.Empty);
        using var made = new Scratch();
        var path = folder.Length > 0 ? folder : MakeUp(made.Path);
        var archive = Pack(path, made.Path);
        Console.WriteLine($"{(folder.Length > 0 ? "real images" : "random images of CIFAR-10's size")}, {runs} runs after a first");
        Print("unpacked files", Stopclock.Measure(runs, () => Load(path)));
        Print("cifar-10-binary.tar.gz", Stopclock.Measure(runs, () => Load(archive)));
    }

    private static void Load(string path)
    {
        var set = Cifar10.Load(Split.Train, path);
        if (set.Count != 50_000)
            throw new InvalidOperationException($"{set.Count} images were loaded, 50,000 were expected");
    }

    private static void Print(string what, Timing timing) =>
        Console.WriteLine(FormattableString.Invariant($"{what,-24} median {timing.Median,6:F0} ms, fastest {timing.Fastest,6:F0}, first {timing.First,6:F0}"));

    private static string MakeUp(string folder)
    {
        var random = new Random(1);
        var bytes = new byte[10_000 * 3073];
        foreach (var name in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" })
        {
            random.NextBytes(bytes);
            for (var i = 0; i < bytes.Length; i += 3073)
                bytes[i] = (byte)random.Next(10);
            File.WriteAllBytes(Path.Combine(folder, name + ".bin"), bytes);
        }

        return folder;
    }

    private static string Pack(string folder, string target)
    {
        var source = Directory.Exists(Path.Combine(folder, "cifar-10-batches-bin")) ? Path.Combine(folder, "cifar-10-batches-bin") : folder;
        var archive = Path.Combine(target, "cifar-10-binary.tar.gz");
        using var tar = new TarWriter(new GZipStream(File.Create(archive), CompressionLevel.Optimal));
        foreach (var file in Directory.GetFiles(source, "*_batch*.bin").Order(StringComparer.Ordinal))
            tar.WriteEntry(file, "cifar-10-batches-bin/" + Path.GetFileName(file));
        return archive;
    }

    private sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("sio-bench-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
