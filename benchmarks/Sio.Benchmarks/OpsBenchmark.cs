using System.Diagnostics;
using Sio.Engine;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>
/// What an operator call costs on tensors so small that the kernel costs next to nothing. peers/ops_torch.cpp makes the same calls from C++,
/// which is the kernel's own share; peers/ops_torch.py makes them from Python.
/// </summary>
internal static class OpsBenchmark
{
    // As many as ResNet-18 has parameters: the optimiser takes them all at once.
    private const int ListLength = 62;

    public static void Run(string[] args)
    {
        var rounds = Stopclock.Option(args, "--rounds", 15);
        var calls = Stopclock.Option(args, "--calls", 20_000);
        TorchRuntime.Threads = 1;
        using var scope = NewDisposeScope();
        Tensor x = torch.ones([1]), y = torch.ones([1]);
        Tensor image = torch.ones([1, 1, 3, 3]), kernel = torch.ones([1, 1, 3, 3]);
        Tensor[] many = [.. Enumerable.Range(0, ListLength).Select(_ => torch.ones([1]))];
        foreach (var parameter in many)
            parameter.grad = torch.zeros([1]);
        using var optimizer = new Sgd(many, learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4, nesterov: true);
        Measure("add_", rounds, calls, () => x.add_(y));
        Measure("relu", rounds, calls, () => x.relu().Dispose());
        Measure("detach", rounds, calls, () => x.detach().Dispose());
        Measure("view", rounds, calls, () => x.view([1]).Dispose());
        Measure("conv2d", rounds, calls, () => nn.functional.conv2d(image, kernel, padding: [1, 1]).Dispose());
        Measure("sgd_62", rounds, calls / 10, optimizer.Step);
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
