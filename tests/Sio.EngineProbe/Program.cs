using System.Globalization;
using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp;

namespace Sio.EngineProbe;

/// <summary>
/// What the tests of the engine do in a process of its own, because it can be done once per process only, or may end it. Each exits with 0
/// and prints what it found; a <see cref="LibTorchException"/> is one line on standard error and 1.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["initialize"] => Initialize(),
                ["initialize-at-once"] => InitializeAtOnce(),
                ["torchsharp-first"] => TorchSharpFirst(),
                ["library-first"] => LibraryFirst(),
                ["convolutions", var count] => Check(int.Parse(count, CultureInfo.InvariantCulture)),
                ["convolutions", var count, "hidden-caches"] => CheckWithHiddenCaches(int.Parse(count, CultureInfo.InvariantCulture), repair: false),
                ["convolutions", var count, "hidden-caches", "repair"] => CheckWithHiddenCaches(int.Parse(count, CultureInfo.InvariantCulture), repair: true),
                ["convolutions", var count, "one-dnn-off"] => CheckWithoutOneDnn(int.Parse(count, CultureInfo.InvariantCulture)),
                ["networks"] => CheckNetworks(),
                ["folded", var name] => CheckFolded(name),
                ["believed-caches"] => BelievedCaches(),
                ["foreign", var path] => Foreign(path),
                _ => Fail($"unknown: {string.Join(' ', args)}"),
            };
        }
        catch (Exception failure) when (failure is LibTorchException or TypeInitializationException)
        {
            return Fail(failure.GetBaseException().Message);
        }
    }

    private static int Initialize()
    {
        TorchRuntime.Initialize();
        Console.WriteLine($"version {TorchRuntime.Version}");
        Console.WriteLine($"library {TorchRuntime.LibraryPath}");
        Console.WriteLine($"binding {TorchRuntime.BindingPath}");
        Console.WriteLine($"memory {TorchRuntime.BindingFromMemory}");
        Console.WriteLine($"safety {TorchRuntime.Safety}");
        foreach (var library in new[] { "c10", "torch_cpu", "torch_cuda" })
            Console.WriteLine($"loaded {library} {LoadedLibraries.Paths(library).Count}");
        using var zeros = torch.zeros(1);
        Console.WriteLine($"tensors {TorchRuntime.LiveTensors}");
        return 0;
    }

    // From many threads at once, some by TorchSharp's own start: none may wait for another for ever.
    private static int InitializeAtOnce()
    {
        using var start = new Barrier(8);
        var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            if (i % 2 == 0)
                TorchRuntime.Initialize();
            else
                torch.ones(2).Dispose();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Console.WriteLine("done");
        return 0;
    }

    private static int LibraryFirst()
    {
        Console.WriteLine(TorchErrors.Clean("no call that loads anything"));
        Console.WriteLine($"before {TorchLoader.Loaded is not null}");
        using var ones = torch.ones(2, 3);
        Console.WriteLine($"sum {ones.sum().item<float>()}");
        Console.WriteLine($"after {TorchLoader.Loaded is not null}");
        return 0;
    }

    private static int TorchSharpFirst()
    {
        using var ones = torch.ones(2, 3);
        Console.WriteLine($"sum {ones.sum().item<float>()}");
        TorchRuntime.Initialize();
        Console.WriteLine($"version {TorchRuntime.Version}");
        return 0;
    }

    // Something of the program's loads another LibTorch first.
    private static int Foreign(string path)
    {
        NativeLibrary.Load(path);
        return Initialize();
    }

    private static int Check(int count)
    {
        // Where the process ends, the last line says at which shape.
        var report = ConvolutionCheck.Run(count, progress: shape => Console.WriteLine($"trying {shape}"));
        Console.WriteLine(report);
        return report.Wrong.Count == 0 ? 0 : Fail($"{report.Wrong.Count} results are wrong");
    }

    private static int CheckNetworks() => NetworkCheck.Run() is > 0 and var wrong ? Fail($"{wrong} results are wrong") : 0;

    // With fewer of the CPU's instructions by ONEDNN_MAX_CPU_ISA, which oneDNN reads at its start.
    private static int CheckFolded(string name) => NetworkCheck.RunFolded(name) is > 0 and var wrong ? Fail($"{wrong} results are wrong") : 0;

    // Makes oneDNN believe what it believes on a virtual machine that hides an AMD CPU's caches.
    private static int CheckWithHiddenCaches(int count, bool repair)
    {
        TorchRuntime.Initialize();
        var loaded = TorchLoader.Load();
        OneDnn.Start(loaded);
        Hide(Believed(loaded));
        if (repair)
            Console.WriteLine($"safety {CacheRepair.ApplyToHidden(loaded.Binding, loaded.Exports, loaded.Path)}");
        return Check(count);
    }

    private static int CheckWithoutOneDnn(int count)
    {
        TorchRuntime.Initialize();
        return TorchLoader.Load().Exports.TrySetOneDnn(false) ? Check(count) : Fail("oneDNN cannot be switched off");
    }

    private static int BelievedCaches()
    {
        TorchRuntime.Initialize();
        var loaded = TorchLoader.Load();
        Console.WriteLine($"before {OneDnnCaches.Find(loaded.Path, loaded.Exports.GlobalContext).Length}");
        FirstConvolution.Compute(loaded.Binding);
        Console.WriteLine($"numbers {string.Join(' ', Believed(loaded).ToArray())}");
        Console.WriteLine($"known {OneDnnCaches.FindPlaces(loaded.Path)}");
        using var file = File.OpenRead(loaded.Path);
        Console.WriteLine($"read {OneDnnCaches.ReadPlaces(ElfFile.TryRead(file)!)}");
        return 0;
    }

    private static Span<uint> Believed(LoadedTorch loaded)
    {
        var caches = OneDnnCaches.Find(loaded.Path, loaded.Exports.GlobalContext);
        return caches.IsEmpty ? throw new LibTorchException("oneDNN's numbers were not found") : caches;
    }

    private static void Hide(Span<uint> caches)
    {
        foreach (var first in new[] { OneDnnCaches.Sizes, OneDnnCaches.Sharing })
        {
            caches.Slice(first, OneDnnCaches.Slots).Clear();
            caches.Slice(first, 3).Fill(1);
        }

        caches[OneDnnCaches.Levels] = 3;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
