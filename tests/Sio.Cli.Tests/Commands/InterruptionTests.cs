using System.Diagnostics;
using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>Ctrl-C and SIGTERM while images load: the program ends soon, says so, and leaves nothing behind.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Loading_stops_at_a_signal(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        WriteSlowImages();
        File.WriteAllText(_folder.At("bench.yml"), "size: 32\ntrain: train\ntest: train\nfar: {blobs: 'made-up:blobs'}\n");
        File.WriteAllText(_folder.At("recipe.yml"), "benchmark: bench.yml\nnetwork: {name: lenet}\n");
        using var process = SioProcess.Start(_folder.Root, "train", "recipe.yml", "--out", "run");
        // Well within the decoding, which takes the better part of a minute.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        Assert.False(process.HasExited);
        var clock = Stopwatch.StartNew();
        SioProcess.Signal(process, signal);
        var outcome = SioProcess.Finish(process);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
        Assert.Equal(130, outcome.ExitCode);
        Assert.EndsWith("stopped\n", outcome.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    // One picture of noise under many names.
    private void WriteSlowImages()
    {
        var first = _folder.At("train/0/0.png");
        Directory.CreateDirectory(_folder.At("train/0"));
        Directory.CreateDirectory(_folder.At("train/1"));
        var pixels = new byte[1600 * 1600 * 3];
        new Random(1).NextBytes(pixels);
        Png.Write(first, new Picture(1600, 1600, 3, pixels));
        for (var i = 1; i < 1200; i++)
            File.CreateSymbolicLink(_folder.At($"train/{i % 2}/{i}.png"), first);
    }
}
