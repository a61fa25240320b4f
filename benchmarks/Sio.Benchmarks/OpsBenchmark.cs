using System.Diagnostics;
using Sio.Torch;

namespace Sio.Benchmarks;

/// <summary>
/// What an operator call costs on tensors so small that the kernel costs next to nothing. peers/ops_torch.cpp makes the same calls from C++,
/// which is the kernel's own share; peers/ops_torch.py makes them from Python.
/// </summary>
internal static class OpsBenchmark
{
    // As many as ResNet-18 has parameters: the optimiser's calls take them all at once.
    private const int ListLength = 62;

    public static void Run(string[] args)
    {
        var rounds = Stopclock.Option(args, "--rounds", 15);
        var calls = Stopclock.Option(args, "--calls", 20_000);
        TorchRuntime.Threads = 1;
        using var scope = new TensorScope();
        Tensor x = Tensor.Ones([1]), y = Tensor.Ones([1]);
        Tensor image = Tensor.Ones([1, 1, 3, 3]), kernel = Tensor.Ones([1, 1, 3, 3]);
        Tensor[] many = [.. Enumerable.Range(0, ListLength).Select(_ => Tensor.Ones([1]))];
        Tensor[] steps = [.. Enumerable.Range(0, ListLength).Select(_ => Tensor.Zeros([1]))];
        var addMany = new Operator("_foreach_add_.List");
        Measure("add_", rounds, calls, () => x.Add_(y));
        Measure("relu", rounds, calls, () => x.Relu().Dispose());
        Measure("detach", rounds, calls, () => x.Detach().Dispose());
        Measure("view", rounds, calls, () => x.View([1]).Dispose());
        Measure("conv2d", rounds, calls, () => image.Conv2d(kernel, padding: 1).Dispose());
        Measure("add_62", rounds, calls / 10, () => addMany.Run(many, steps, 1));
    }

    private static void Measure(string name, int rounds, int calls, Action call)
    {
        // The runtime replaces its first, quickly compiled code after some thousand calls, in the background.
        for (var i = 0; i < calls; i++)
            call();
        Thread.Sleep(200);
        var nanoseconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++)
                call();
            nanoseconds[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
        }

        Array.Sort(nanoseconds);
        Console.WriteLine($"{name,-8} {nanoseconds[rounds / 2],8:F0} {nanoseconds[0],8:F0}   (ns per call: median, fastest)");
    }
}
