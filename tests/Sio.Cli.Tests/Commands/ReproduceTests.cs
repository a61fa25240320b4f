using System.Diagnostics;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio reproduce</c> from the outside: plan, table, files, job arrays, failures.</summary>
public sealed class ReproduceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ReproduceTests()
    {
        File.WriteAllText(_folder.At("logitnorm.yml"), "base: recipe.yml\nobjective: {name: logitnorm}\n");
        File.WriteAllText(Table, $$"""
            title: A small table
            paper: cifar10
            train_images: 180
            runs: 1
            sio: ["synthetic.path='{{_folder.Synthetic}}'", synthetic.real_ratio=0.75]
            fast: [training.epochs=1]
            trainings: {plain: recipe.yml, logitnorm: logitnorm.yml}
            rows:
              - {method: MSP, group: inference, training: plain, detector: msp}
              - {method: KNN, group: inference, training: plain, detector: knn}
              - {method: LogitNorm, group: training, training: logitnorm, detector: msp}
            """);
    }

    private string Table => _folder.At("table.yml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_plan_is_shown_and_nothing_is_made()
    {
        var shown = SioProcess.Run("reproduce", Table, "--dry-run", "--out", _folder.At("out"));
        shown.Succeeded();
        Assert.Contains("3 methods × 2 arms × 1 seed on 4 trainings (0 done)", shown.Output, StringComparison.Ordinal);
        Assert.Contains("3  logitnorm, sio, seed 0: lenet, 4 epochs", shown.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void The_table_is_made_once_shown_and_written()
    {
        string[] call = ["reproduce", Table, "--fast", "--out", _folder.At("out"), "--with-paper", "--markdown", _folder.At("t.md"), "--csv", _folder.At("t.csv"), "--latex", _folder.At("t.tex")];
        var made = SioProcess.Run([.. call, "--parallel", "2"]);
        made.Succeeded();
        Assert.Contains("4/4", made.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 trainings are done", made.Output, StringComparison.Ordinal);
        Assert.Contains("86.71", made.Output, StringComparison.Ordinal);
        Assert.All(made.Output.Split('\n').Where(line => line.StartsWith(' ')), line => Assert.True(line.Length <= 80, line));
        var rows = File.ReadAllLines(_folder.At("t.csv"));
        Assert.Equal(1 + (3 * 5), rows.Length);
        var results = Experiments.Results.ResultsFile.Read(_folder.At("out/plain/sio/seed0/results.json")).Arms[0].Runs[0];
        Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $",{results.Detectors["knn"].Near!.Auroc:R},,1,"), rows[4], StringComparison.Ordinal);
        Assert.Contains("| KNN |", File.ReadAllText(_folder.At("t.md")), StringComparison.Ordinal);
        Assert.Contains("\\begin{tabular}", File.ReadAllText(_folder.At("t.tex")), StringComparison.Ordinal);

        var again = SioProcess.Run(call);
        again.Succeeded();
        Assert.Contains("(4 done)", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("training:", again.Output, StringComparison.Ordinal);
        Assert.Equal(rows, File.ReadAllLines(_folder.At("t.csv")));
    }

    // The paper's synthetic set is the user's to give, and its cost is to be known before.
    [Fact]
    public void The_papers_plan_is_shown_without_any_images()
    {
        var shown = SioProcess.Run("reproduce", "cifar10", "--dry-run", "--out", _folder.At("out"));
        shown.Succeeded();
        Assert.Contains("17 methods × 2 arms × 3 seeds on 42 trainings (0 done)", shown.Output, StringComparison.Ordinal);
        var refused = SioProcess.Run("reproduce", "cifar10", "--dry-run", "--out", _folder.At("out"), "--slurm", _folder.At("job.sh"));
        Assert.Contains("--synthetic", refused.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cifar10", 42, "outlier_exposure, sio, seed 2: resnet18_32x32, 200 epochs")]
    [InlineData("cifar100", 42, "vos, baseline, seed 1: resnet18_32x32, 200 epochs")]
    [InlineData("imagenet-10", 6, "cross_entropy, sio, seed 2: resnet18_224x224, 60 epochs, 783,360 images")]
    [InlineData("imagenet-dogs", 6, "cross_entropy, baseline, seed 0: resnet18_224x224, 60 epochs, 7.8 million")]
    public void Every_cell_of_the_papers_experiments_is_listed_with_its_cost(string table, int cells, string one)
    {
        var shown = SioProcess.Run("reproduce", table, "--dry-run", "--out", _folder.At("out"));
        shown.Succeeded();
        var listed = shown.Output.Split('\n').Where(line => line.Contains(", seed ", StringComparison.Ordinal)).Select(line => int.Parse(line.TrimStart().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(0, cells), listed);
        Assert.Contains(one, string.Join(' ', shown.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_take_the_users_number_of_threads()
    {
        SioProcess.Run("reproduce", Table, "--fast", "--arms", "baseline", "--methods", "MSP", "--out", _folder.At("out"), "--parallel", "200", "--set", "threads=2").Succeeded();
        Assert.Contains("\nthreads: 2", File.ReadAllText(_folder.At("out/plain/baseline/seed0/recipe.yml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_arrays_task_makes_its_cell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Slurm runs the script with bash");
        var script = _folder.At("job.sh");
        // Paths are relative to where the script is written, not to where a cluster starts it.
        string[] relative = ["--set", "data.folder=data", "--set", "synthetic.path=synthetic.npz", "--out", "out"];
        SioProcess.RunIn(_folder.Root, ["reproduce", "table.yml", "--fast", "--methods", "MSP", .. relative, "--slurm", "job.sh"]).Succeeded();
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(script);
        start.Environment["SLURM_ARRAY_TASK_ID"] = "1";
        using var process = Process.Start(start)!;
        SioProcess.Finish(process).Succeeded();
        Assert.True(File.Exists(_folder.At("out/plain/sio/seed0/results.json")));
        Assert.False(Directory.Exists(_folder.At("out/plain/baseline")));
    }

    [Fact]
    public void A_failing_process_is_told_with_its_log()
    {
        File.WriteAllText(_folder.At("logitnorm.yml"), "base: recipe.yml\ndata: {mnist: /nonexistent}\n");
        var made = SioProcess.Run("reproduce", Table, "--fast", "--arms", "baseline", "--out", _folder.At("out"), "--parallel", "2");
        Assert.Equal(1, made.ExitCode);
        var log = _folder.At("out/logitnorm/baseline/seed0/process.log");
        Assert.StartsWith("failed: logitnorm, baseline, seed 0: /nonexistent", made.ErrorLine, StringComparison.Ordinal);
        Assert.EndsWith($"(log: {log})", made.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("error: /nonexistent", File.ReadAllText(log), StringComparison.Ordinal);
        Assert.Contains("trained in", File.ReadAllText(_folder.At("out/plain/baseline/seed0/process.log")), StringComparison.Ordinal);
    }

    // SIGINT goes to the parent alone here, where a terminal sends it to all: what the processes get, they must get from the parent. Killed outright, it cannot ask; they see that it is gone.
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    [InlineData("KILL", 137)]
    public void A_signal_reaches_the_processes_and_the_next_call_goes_on(string signal, int exitCode)
    {
        string[] call = ["reproduce", Table, "--methods", "MSP", "--out", _folder.At("out"), "--parallel", "2", "--set", "training.epochs=4000"];
        string[] folders = [_folder.At("out/plain/baseline/seed0"), _folder.At("out/plain/sio/seed0")];
        using (var parent = SioProcess.Start(null, call))
        {
            Wait(() => folders.All(folder => File.Exists(Path.Combine(folder, "checkpoint", "last.safetensors"))));
            SioProcess.Signal(parent, signal);
            var stopped = SioProcess.Finish(parent);
            Assert.Equal(exitCode, stopped.ExitCode);
            if (signal != "KILL")
            {
                Assert.Contains("Checkpoints are written; the same command goes on from them.", stopped.Output, StringComparison.Ordinal);
                Assert.Contains("plain, sio, seed 0: stopped", stopped.Output, StringComparison.Ordinal);
                Assert.All(folders, folder => Assert.Contains("stopping after this step", File.ReadAllText(Path.Combine(folder, "process.log")), StringComparison.Ordinal));
            }
        }

        // A process that ends in good order takes its lock away, one that is killed leaves it.
        Wait(() => folders.All(folder => !File.Exists(Path.Combine(folder, ".sio-lock"))));
        var steps = folders.Select(Step).ToArray();

        // Where they stopped, the next call begins: a step further when it is stopped at once again.
        using var next = SioProcess.Start(null, call);
        Wait(() => folders.Select(Step).Zip(steps).All(pair => pair.First > pair.Second));
        SioProcess.Signal(next, "TERM");
        Assert.Equal(130, SioProcess.Finish(next).ExitCode);

        static long Step(string folder) => new Sio.Training.Checkpoint(Path.Combine(folder, "checkpoint")).ReadState()!.Step;

        static void Wait(Func<bool> done)
        {
            var clock = Stopwatch.StartNew();
            while (!done())
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "nothing happened for two minutes");
                Thread.Sleep(20);
            }
        }
    }

    [Fact]
    public void A_failure_is_told_with_its_cell_and_the_rest_is_made()
    {
        File.WriteAllText(_folder.At("logitnorm.yml"), "base: recipe.yml\ndata: {mnist: /nonexistent}\n");
        var made = SioProcess.Run("reproduce", Table, "--fast", "--arms", "baseline", "--out", _folder.At("out"));
        Assert.Equal(1, made.ExitCode);
        Assert.StartsWith("failed: logitnorm, baseline, seed 0: /nonexistent", made.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("1 of 2 trainings are done", made.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-table", "--dry-run")]
    [InlineData("TABLE", "--methods", "Nonsense")]
    [InlineData("TABLE", "--arms", "both")]
    [InlineData("TABLE", "--cell", "99")]
    [InlineData("TABLE", "--runs", "0")]
    public void Wrong_calls_are_refused_in_a_line(params string[] arguments)
    {
        var refused = SioProcess.Run(["reproduce", .. arguments.Select(argument => argument == "TABLE" ? Table : argument)]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.NotEqual(string.Empty, refused.Errors);
        Assert.DoesNotContain("   at ", refused.Errors, StringComparison.Ordinal);
    }
}
