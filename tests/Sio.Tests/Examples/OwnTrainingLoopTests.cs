using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sio.Data;
using Sio.Tests.Data;

namespace Sio.Tests.Examples;

/// <summary>The example is run as its reader would, on a small set made here: a class is a bright bar at a height of its own.</summary>
public sealed partial class OwnTrainingLoopTests
{
    [Fact]
    public async Task It_trains_on_both_sources_and_prints_loss_and_accuracy()
    {
        using var folder = new TempFolder();
        WriteSplit(folder, "train", 600);
        WriteSplit(folder, "t10k", 200);
        var (pixels, _) = Bars("synthetic", 120, i => ShippedSets.FashionMnist6Labels[i % 6]);
        Npz.Write(
            folder.File("synthetic.npz"), ("images", NpyArray.Create(pixels, 120, 28, 28)),
            ("labels", NpyArray.Create(Enumerable.Range(0, 120).Select(i => (long)ShippedSets.FashionMnist6Labels[i % 6]).ToArray())));

        var (code, output, errors) = await Run(
            "--data", folder.Path, "--synthetic", folder.File("synthetic.npz"), "--images", "300", "--epochs", "15");

        Assert.True(code == 0, errors);
        Assert.Empty(errors);
        var losses = LossLine().Matches(output).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(15, losses.Length);
        Assert.True(losses[^1] < 0.5 * losses[0], output);
        var accuracy = double.Parse(AccuracyLine().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(accuracy > 80, output);
        Assert.Matches(@"AUROC against the other classes: \d+\.\d\d %", output);
    }

    [Fact]
    public async Task A_missing_folder_fails_and_is_named()
    {
        using var folder = new TempFolder();
        var (code, _, errors) = await Run("--data", folder.File("missing"));
        Assert.NotEqual(0, code);
        Assert.Contains(folder.File("missing"), errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^epoch \d+ of 15: loss (\d+\.\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex LossLine();

    [GeneratedRegex(@"^accuracy on the known classes: (\d+\.\d\d) %\r?$", RegexOptions.Multiline)]
    private static partial Regex AccuracyLine();

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(DotNet()) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Example());
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await errors);
    }

    // The host that runs these tests, wherever it is installed: …/shared/Microsoft.NETCore.App/10.0.0/System.Private.CoreLib.dll.
    private static string DotNet() =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));

    // In the same checkout, built in the same configuration: tests/Sio.Tests/bin/Release/net10.0 beside examples/OwnTrainingLoop/bin/Release/net10.0.
    private static string Example()
    {
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var root = here;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Sio.slnx")))
            root = root.Parent;
        Assert.True(root is not null, $"{here} is in no checkout");
        return Path.Combine(root.FullName, "examples", "OwnTrainingLoop", "bin", here.Parent!.Name, here.Name, "OwnTrainingLoop.dll");
    }

    private static void WriteSplit(TempFolder folder, string split, int count)
    {
        var (pixels, labels) = Bars(split, count, i => i % 10);
        folder.Write($"{split}-images-idx3-ubyte", IdxFiles.Images(count, 28, 28, i => pixels[i]));
        folder.Write($"{split}-labels-idx1-ubyte.gz", IdxFiles.Gzip(IdxFiles.Labels(labels)));
    }

    private static (byte[] Pixels, byte[] Labels) Bars(string name, int count, Func<int, int> label)
    {
        var random = RandomStream.For(2, name);
        var pixels = new byte[count * 784];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, row) = (i / 784, i % 784 / 28);
            var bright = row / 2 == label(image) + 2;
            pixels[i] = (byte)Math.Clamp((bright ? 200 : 50) + (25 * random.NextGaussian()), 0, 255);
        }

        return (pixels, [.. Enumerable.Range(0, count).Select(i => (byte)label(i))]);
    }
}
