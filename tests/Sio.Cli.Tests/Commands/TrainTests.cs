namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio train</c> and <c>sio evaluate</c> from the outside: what they leave, and what a kill leaves.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_trained_evaluated_and_leaves_what_it_should()
    {
        var run = _folder.At("run");
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "mine.txt"), "mine");

        var trained = SioProcess.Run("train", _folder.Recipe, "--synthetic", _folder.Synthetic, "--real-ratio", "0.75", "--seed", "3", "--out", run);

        trained.Succeeded();
        Assert.Equal("", trained.Errors);
        Assert.Contains("epoch 4/4", trained.Output, StringComparison.Ordinal);
        Assert.Contains("images/s", trained.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', trained.Output);
        var recipe = File.ReadAllText(Path.Combine(run, "recipe.yml"));
        foreach (var line in new[] { "real_ratio: 0.75", "seed: 3", "nesterov: true", "decay_norm_and_bias: true", "mean: [0.286]", "batch_norm_momentum: 0.1" })
            Assert.Contains(line, recipe, StringComparison.Ordinal);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(run, "log.jsonl")).Length);

        var evaluated = SioProcess.Run("evaluate", run, "--detectors", "all", "--out", _folder.At("scores"));

        evaluated.Succeeded();
        Assert.Contains("Near AUROC", evaluated.Output, StringComparison.Ordinal);
        var results = Experiments.Results.ResultsFile.Read(Path.Combine(_folder.At("scores"), "results.json"));
        var arm = Assert.Single(results.Arms);
        Assert.Equal(("sio", 0.75), (arm.Name, arm.RealRatio));
        Assert.Equal(3, Assert.Single(arm.Runs).Seed);
        Assert.True(arm.Runs[0].TrainSeconds > 0);
        Assert.True(arm.Runs[0].Accuracy > 50, $"accuracy {arm.Runs[0].Accuracy}");
        foreach (var detector in new[] { "msp", "mls", "ebo", "knn" })
        {
            var scores = Data.Npz.Read(_folder.At($"scores/scores/{detector}/fashion_mnist_4.npz"));
            Assert.Equal(4 * TestFolder.TestPerClass, scores["conf"].Length);
            Assert.All(scores["gt"].ToInt64s(), label => Assert.Equal(-1, label));
            Assert.Equal(scores["conf"].Length, scores["pred"].Length);
            // The file and the table tell the same: the metrics come from these very scores.
            var id = Data.Npz.Read(_folder.At($"scores/scores/{detector}/fashion_mnist_6.npz"));
            var metrics = Evaluation.OodMetrics.Compute(id["conf"].Elements<float>(), scores["conf"].Elements<float>());
            Assert.Equal(metrics.Auroc, arm.Runs[0].Detectors[detector].Near!.Auroc, 12);
        }

        Assert.Equal("mine", File.ReadAllText(Path.Combine(run, "mine.txt")));
        Assert.False(Directory.Exists(Path.Combine(run, "scores")));
    }

    [Fact]
    public void A_method_with_layers_of_its_own_is_trained_and_evaluated_with_every_detector()
    {
        var run = _folder.At("godin");
        SioProcess.Run("train", _folder.Recipe, "--synthetic", _folder.Synthetic, "--real-ratio", "0.75", "--objective", "godin", "--set", "training.epochs=2", "--out", run).Succeeded();
        var evaluated = SioProcess.Run("evaluate", run, "--detectors", "all");
        evaluated.Succeeded();
        var results = Assert.Single(Assert.Single(Experiments.Results.ResultsFile.Read(Path.Combine(run, "results.json")).Arms).Runs);
        foreach (var detector in new[] { "godin", "msp", "knn", "odin" })
            Assert.NotNull(results.Detectors[detector].Near);
        Assert.Equal("needs the linear last layer, and there is none: the objective godin makes logits of the features in another way", results.Skipped!["vim"]);
        Assert.StartsWith("needs a network that was trained with the objective mcd", results.Skipped["mcd"], StringComparison.Ordinal);
        Assert.Equal(Catalog<Detection.Detector>.Names, results.Detectors.Keys.Concat(results.Skipped.Keys).Order(StringComparer.Ordinal));

        // Its step length chosen on ID images: there are some to choose with only where not all are trained on.
        var refused = SioProcess.Run("evaluate", run, "--detectors", "godin", "--set", "godin.search=true");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("godin: needs a validation set", refused.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_killed_at_any_moment_ends_with_the_same_bits()
    {
        const int wanted = 5;
        string[] longer = ["--set", "training.epochs=10"];
        var undisturbed = _folder.At("undisturbed");
        SioProcess.Run(Arguments(undisturbed, longer)).Succeeded();
        var killed = _folder.At("killed");
        var last = Path.Combine(killed, "checkpoint", "last.safetensors");
        var random = new Random(7);
        var kills = 0;
        for (; kills < wanted; kills++)
        {
            using var process = SioProcess.Start(null, Arguments(killed, ["--resume", .. longer]));
            // Each time a little further than before: a run killed before its first checkpoint would never end.
            var before = File.GetLastWriteTimeUtc(last);
            while (!process.HasExited && File.GetLastWriteTimeUtc(last) == before)
                Thread.Sleep(2);
            if (process.WaitForExit(random.Next(100)))
                break;
            SioProcess.Signal(process, "KILL");
            process.WaitForExit();
        }

        Assert.True(kills >= 3, $"killed only {kills} times");
        SioProcess.Run(Arguments(killed, ["--resume", .. longer])).Succeeded();
        Assert.Equal(Model(undisturbed), Model(killed));
        Assert.Equal(Epochs(undisturbed), Epochs(killed));
    }

    [Fact]
    public void Ctrl_C_writes_a_checkpoint_and_the_run_goes_on_from_it()
    {
        // Long enough not to be over before the signal comes, which a busy machine takes its time to send.
        string[] longer = ["--set", "training.epochs=10"];
        var undisturbed = _folder.At("undisturbed");
        SioProcess.Run(Arguments(undisturbed, longer)).Succeeded();
        var run = _folder.At("run");
        using (var process = SioProcess.Start(null, Arguments(run, longer)))
        {
            while (!File.Exists(Path.Combine(run, "checkpoint", "last.safetensors")) && !process.HasExited)
                Thread.Sleep(5);
            SioProcess.Signal(process, "INT");
            var stopped = SioProcess.Finish(process);
            Assert.Equal(130, stopped.ExitCode);
            Assert.Contains("--resume", stopped.Output, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Path.Combine(run, "checkpoint", "model.safetensors")));
        var resumed = SioProcess.Run("train", Path.Combine(run, "recipe.yml"), "--out", run, "--resume");
        resumed.Succeeded();
        Assert.Equal(Model(undisturbed), Model(run));
    }

    [Fact]
    public void A_finished_run_is_not_overwritten_unless_asked_for()
    {
        var run = _folder.At("run");
        string[] quick = ["--set", "training.epochs=1"];
        SioProcess.Run([.. Arguments(run), .. quick]).Succeeded();
        var before = Model(run);

        var again = SioProcess.Run([.. Arguments(run), .. quick]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("--overwrite", again.ErrorLine, StringComparison.Ordinal);
        SioProcess.Run([.. Arguments(run, "--overwrite"), .. quick, "--seed", "9"]).Succeeded();
        Assert.NotEqual(before, Model(run));
        var other = SioProcess.Run([.. Arguments(run, "--resume"), .. quick]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("another recipe ('seed: 9' there, 'seed: 0' now)", other.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, SioProcess.Run(Arguments(run, "--resume", "--overwrite")).ExitCode);
    }

    [Fact]
    public void Two_processes_do_not_train_into_one_folder()
    {
        var run = _folder.At("run");
        using var first = SioProcess.Start(null, Arguments(run, "--set", "training.epochs=1000"));
        while (!File.Exists(Path.Combine(run, "checkpoint", "last.safetensors")) && !first.HasExited)
            Thread.Sleep(5);
        var second = SioProcess.Run(Arguments(run, "--overwrite"));
        SioProcess.Signal(first, "KILL");
        first.WaitForExit();
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("another process", second.ErrorLine, StringComparison.Ordinal);
        // A killed process holds no lock.
        SioProcess.Run(Arguments(run, "--overwrite", "--set", "training.epochs=1")).Succeeded();
        Assert.False(File.Exists(Path.Combine(run, ".sio-lock")));
    }

    // ResNet-8 on one thread: slow enough to be killed in the middle.
    private string[] Arguments(string run, params string[] more) =>
        ["train", _folder.Recipe, "--synthetic", _folder.Synthetic, "--real-ratio", "0.75", "--set", "network.name=resnet8_28x28", "--out", run, .. more];

    private static byte[] Model(string run) => File.ReadAllBytes(Path.Combine(run, "checkpoint", "model.safetensors"));

    // The log without the times, which differ from run to run.
    private static string[] Epochs(string run) =>
        [.. File.ReadAllLines(Path.Combine(run, "log.jsonl")).Select(line => line[..(line.IndexOf(",\"seconds\"", StringComparison.Ordinal) is var end and >= 0 ? end : line.Length)])];
}
