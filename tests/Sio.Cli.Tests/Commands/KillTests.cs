using System.Globalization;
using Sio.Data;
using Sio.Training.Objectives;

namespace Sio.Cli.Tests.Commands;

/// <summary>Training is killed with SIGKILL, which no program can prepare for, at ten moments that a seed chooses; what it ends with is what an undisturbed run ends with, to the bit.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 10;
    private const int LongestWait = 250;

    private readonly TestFolder _folder = new();

    public static TheoryData<string> Methods => [.. Catalog<Objective>.Names];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cross_entropy_survives() => Survives(1, "--set", "training.tensorboard=true", "--set", "training.log_every_steps=5");

    // A method with images of its own, and all that a checkpoint may hold: the moving average, Lookahead's slow weights, the best epoch.
    [Fact]
    public void Outlier_exposure_with_a_moving_average_survives()
    {
        var auxiliary = _folder.At("auxiliary.npz");
        TestFolder.WriteSynthetic(auxiliary, [.. Enumerable.Range(0, 40).Select(i => i % 10L)]);
        Survives(
            2, "--auxiliary", auxiliary, "--objective", "outlier_exposure", "--set", "objective.settings.auxiliary_batch_size=8", "--set", "training.ema_decay=0.95",
            "--set", "training.lookahead_every=5", "--set", "training.clip_norm=1");
    }

    // All of them take half an hour, so this is only run when it is asked for: 
    // dotnet test -c Release --project tests/Sio.Cli.Tests --explicit only --filter-class '*KillTests'. EveryObjectiveTests, always run, stops training instead of killing it.
    [Theory(Explicit = true)]
    [MemberData(nameof(Methods))]
    public void Every_method_survives(string name)
    {
        var auxiliary = _folder.At("auxiliary.npz");
        TestFolder.WriteSynthetic(auxiliary, [.. Enumerable.Range(0, 40).Select(i => i % 10L)]);
        var method = ObjectiveDescription.All().Single(objective => objective.Name == name);
        string[] settings =
        [
            .. method.HyperParameters.Any(key => key.Path == "auxiliary_batch_size") ? ["--auxiliary", auxiliary, "--set", "objective.settings.auxiliary_batch_size=8"] : Array.Empty<string>(),
            .. name == "vos" ? ["--set", "objective.settings.sample_number=20"] : Array.Empty<string>(),
            .. name == "pixmix" ? ["--set", "objective.settings.fractals=20"] : Array.Empty<string>(),
        ];
        Survives(3, ["--objective", name, "--set", "training.learning_rate=0.002", .. settings]);
    }

    private void Survives(int seed, params string[] more)
    {
        var (undisturbed, killed) = (_folder.At("undisturbed"), _folder.At("killed"));
        SioProcess.Run(Arguments(undisturbed, more)).Succeeded();
        var last = Path.Combine(killed, "checkpoint", "last.safetensors");
        var random = RandomStream.For(seed, "kills");
        var steps = new List<long>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = SioProcess.Start(null, Arguments(killed, [.. more, "--resume"]));
            // Each time a little further than before: a run killed before its first checkpoint would never end.
            var before = File.GetLastWriteTimeUtc(last);
            while (!process.HasExited && File.GetLastWriteTimeUtc(last) == before)
                Thread.Sleep(1);
            if (process.WaitForExit(random.NextInt(LongestWait)))
                break;
            SioProcess.Signal(process, "KILL");
            process.WaitForExit();
            Assert.Equal(128 + 9, process.ExitCode);
            steps.Add(new Sio.Training.Checkpoint(Path.Combine(killed, "checkpoint")).ReadState()!.Step);
        }

        // A machine that is quick while the test waits may be done before the last kill.
        Assert.True(steps.Count >= Kills - 3, string.Create(CultureInfo.InvariantCulture, $"killed only {steps.Count} times, at steps {string.Join(", ", steps)}"));
        Assert.Equal(steps.Order(), steps);
        SioProcess.Run(Arguments(killed, [.. more, "--resume"])).Succeeded();
        foreach (var file in Directory.GetFiles(Path.Combine(undisturbed, "checkpoint")).Select(path => Path.GetFileName(path)!).Where(name => name != "last.safetensors"))
            Assert.True(Bytes(undisturbed, file).SequenceEqual(Bytes(killed, file)), file);
        Assert.True(File.Exists(Path.Combine(killed, "checkpoint", "best.safetensors")));
        Assert.Equal(Lines(undisturbed), Lines(killed));
    }

    private string[] Arguments(string run, params string[] more) =>
    [
        "train", _folder.Recipe, "--synthetic", _folder.Synthetic, "--real-ratio", "0.75", "--set", "network.name=resnet8_28x28", "--set", "data.train_images=120",
        "--set", "training.epochs=32", "--out", run, .. more,
    ];

    private static byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(run, "checkpoint", file));

    // Without what a clock gives, which stands last in a line.
    private static string[] Lines(string run) =>
        [.. File.ReadAllLines(Path.Combine(run, "log.jsonl")).Select(line => line[..(line.IndexOf(",\"seconds\"", StringComparison.Ordinal) is var end and >= 0 ? end : line.Length)])];
}
