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

    [Fact]
    public void Processes_take_the_users_number_of_threads()
    {
        SioProcess.Run("reproduce", Table, "--fast", "--arms", "baseline", "--methods", "MSP", "--out", _folder.At("out"), "--parallel", "200", "--set", "threads=2").Succeeded();
        Assert.Contains("\nthreads: 2", File.ReadAllText(_folder.At("out/plain/baseline/seed0/recipe.yml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_arrays_task_makes_its_cell()
    {
        var script = _folder.At("job.sh");
        SioProcess.Run("reproduce", Table, "--fast", "--methods", "MSP", "--out", _folder.At("out"), "--slurm", script).Succeeded();
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(script);
        start.Environment["SLURM_ARRAY_TASK_ID"] = "1";
        start.Environment.Remove("SIO_LAUNCHER");
        using var process = Process.Start(start)!;
        SioProcess.Finish(process).Succeeded();
        Assert.True(File.Exists(_folder.At("out/plain/sio/seed0/results.json")));
        Assert.False(Directory.Exists(_folder.At("out/plain/baseline")));
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
