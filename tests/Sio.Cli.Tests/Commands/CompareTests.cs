using System.Text.Json;
using Sio.Data;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio compare</c> on made-up scores: figures, intervals, marks, and what is refused.</summary>
public sealed class CompareTests : IDisposable
{
    private static readonly string[] s_near = ["near_a"];
    private static readonly string[] s_far = ["far_a", "far_b"];

    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void One_run_per_side_has_DeLong_and_the_bootstrap()
    {
        var (first, second) = (Run("base", 0, 1.0), Run("sio", 0, 2.0));
        var json = Path.Combine(_root, "compare.json");

        var outcome = SioProcess.Run("compare", first, "--with", second, "--json", json, "--replicates", "400");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        CheckWidth(outcome.Output);
        Assert.Contains("n = 1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("DeLong", outcome.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        var rows = document.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(["msp", "msp", "msp", "msp", "knn", "knn", "knn", "knn"], rows.Select(row => row.GetProperty("detector").GetString()));
        Assert.Equal(["near", "near", "far", "far"], rows[..4].Select(row => row.GetProperty("group").GetString()));
        Assert.Equal(["auroc", "fpr95", "auroc", "fpr95"], rows[..4].Select(row => row.GetProperty("metric").GetString()));
        Assert.Equal(["de_long", "bootstrap", "bootstrap", "bootstrap"], rows[..4].Select(row => row.GetProperty("method").GetString()));

        var near = DeLong.Difference(Scores(first, "msp", "id"), Scores(first, "msp", "near_a"), Scores(second, "msp", "id"), Scores(second, "msp", "near_a"));
        Assert.Equal(near.Difference, Number(rows[0], "difference"), 1e-10);
        Assert.Equal(near.Low, Number(rows[0], "low"), 1e-10);
        Assert.Equal(near.P, Number(rows[0], "p"), 1e-12);
        foreach (var row in rows)
        {
            Assert.InRange(Number(row, "difference"), Number(row, "low"), Number(row, "high"));
            Assert.True(Number(row, "p") <= Number(row, "pHolm"));
            Assert.Equal(Number(row, "pHolm") <= 0.05, row.GetProperty("significant").GetBoolean());
        }

        Assert.Equal(Holm.Adjust([.. rows.Select(row => Number(row, "p"))]), rows.Select(row => Number(row, "pHolm")));
        Assert.Equal(rows.Count(row => row.GetProperty("significant").GetBoolean()), outcome.Output.Split('\n').Count(line => line.EndsWith("] *", StringComparison.Ordinal)));
        Assert.True(rows[0].GetProperty("significant").GetBoolean());
    }

    [Fact]
    public void Other_metrics_are_compared_where_asked_for()
    {
        var (first, second) = (Run("base", 0, 1.0), Run("sio", 0, 2.0));
        var json = Path.Combine(_root, "compare.json");

        var outcome = SioProcess.Run("compare", first, "--with", second, "--json", json, "--replicates", "200", "--metrics", "aupr_out,fpr95_ood");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        CheckWidth(outcome.Output);
        Assert.Contains("near AUPRout ↑", outcome.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        var rows = document.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(["aupr_out", "fpr95_ood", "aupr_out", "fpr95_ood"], rows[..4].Select(row => row.GetProperty("metric").GetString()));
        Assert.All(rows, row => Assert.Equal("bootstrap", row.GetProperty("method").GetString()));
        Assert.Equal([true, false], rows[..2].Select(row => row.GetProperty("higherIsBetter").GetBoolean()));
        var near = OodMetrics.Compute(Scores(second, "msp", "id"), Scores(second, "msp", "near_a"));
        Assert.Equal(near.AuprOut, rows[0].GetProperty("withValues")[0].GetDouble(), 1e-10);
        Assert.Equal(near.Fpr95Ood, rows[1].GetProperty("withValues")[0].GetDouble(), 1e-10);

        var wrong = SioProcess.Run("compare", first, "--with", second, "--metrics", "oscr");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("no metric 'oscr'", wrong.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Seeds_are_paired_where_they_are_the_same()
    {
        string[] first = [Run("base0", 0, 1.0), Run("base1", 1, 1.1), Run("base2", 2, 0.9)];
        string[] second = [Run("sio2", 2, 2.0), Run("sio0", 0, 2.0), Run("sio1", 1, 2.2)];
        var json = Path.Combine(_root, "compare.json");

        var outcome = SioProcess.Run(["compare", .. first, "--with", .. second, "--json", json]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        CheckWidth(outcome.Output);
        Assert.Contains("paired by seed", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(" ± ", outcome.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal([0L, 1, 2], document.RootElement.GetProperty("with").EnumerateArray().Select(run => run.GetProperty("seed").GetInt64()));
        var row = document.RootElement.GetProperty("rows")[0];
        Assert.Equal("paired_t", row.GetProperty("method").GetString());
        string[] ordered = [second[1], second[2], second[0]];
        double[] differences = [.. first.Zip(ordered, (a, b) => Auroc(b) - Auroc(a))];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 6);
        Assert.Equal(mean, Number(row, "difference"), 1e-10);
        Assert.Equal(mean + (4.302652729749464 * error), Number(row, "high"), 1e-8);
        // Two degrees of freedom have a closed form: P(|T| <= t) = t / sqrt(t² + 2).
        Assert.Equal(1 - (Math.Abs(mean) / error / Math.Sqrt((mean * mean / error / error) + 2)), Number(row, "p"), 1e-10);

        double Auroc(string run) => OodMetrics.Compute(Scores(run, "msp", "id"), Scores(run, "msp", "near_a")).Auroc;
    }

    [Fact]
    public void Other_seeds_are_compared_as_two_groups()
    {
        var json = Path.Combine(_root, "compare.json");

        var outcome = SioProcess.Run(
            "compare", Run("b0", 0, 1.0), Run("b1", 1, 1.1), "--with", Run("s5", 5, 1.5), Run("s6", 6, 1.7), Run("s7", 7, 1.8), "--json", json);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        CheckWidth(outcome.Output);
        Assert.Contains("Welch", outcome.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        foreach (var row in document.RootElement.GetProperty("rows").EnumerateArray())
        {
            var (a, b) = (Squared(row.GetProperty("baseValues")), Squared(row.GetProperty("withValues")));
            var degrees = (int)Math.Floor((a + b) * (a + b) / ((a * a) + (b * b / 2)));
            Assert.InRange(degrees, 1, 3);
            var reach = StudentT.TwoSidedQuantile(0.95, degrees) * Math.Sqrt(a + b);
            Assert.Equal(Number(row, "difference") + reach, Number(row, "high"), 1e-8);
            Assert.Equal(1 - StudentT.Within(Math.Abs(Number(row, "difference")) / Math.Sqrt(a + b), degrees), Number(row, "p"), 1e-10);
        }

        // The squared standard error of a group's mean.
        static double Squared(JsonElement values)
        {
            double[] all = [.. values.EnumerateArray().Select(value => value.GetDouble())];
            return all.Sum(value => Math.Pow(value - all.Average(), 2)) / (all.Length - 1) / all.Length;
        }
    }

    [Fact]
    public void A_quickstart_is_compared_with_itself()
    {
        Run("quick/baseline/seed0", 0, 1.0);
        Run("quick/sio/seed0", 0, 1.4);
        var folder = Path.Combine(_root, "quick");
        ResultsFile.Write(Path.Combine(folder, "results.json"), Results(("baseline", 1, 0), ("sio", 0.8, 0)));

        var alone = SioProcess.Run("compare", folder, "--replicates", "200");
        var explicitly = SioProcess.Run("compare", folder, "--with", Path.Combine(folder, "sio", "seed0"), "--replicates", "200");

        Assert.Equal((0, ""), (alone.ExitCode, alone.Errors));
        Assert.Equal(alone.Output, explicitly.Output);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var good = Run("good", 0, 1.0);
        Run("missing", 0, 1.0);
        File.Delete(Path.Combine(_root, "missing", "scores", "knn", "far_b.npz"));
        foreach (var (arguments, expected) in new (string[] Arguments, string Expected)[]
        {
            ([good, "--with", good], "both sides"),
            ([good], "--with"),
            ([good, "--with", Path.Combine(_root, "none")], "results.json"),
            ([good, "--with", Run("labels", 0, 1.0, label: 2)], "same images"),
            ([good, "--with", Run("count", 0, 1.0, count: 59)], "same images"),
            ([good, "--with", Run("sets", 0, 1.0, near: "near_b")], "same image sets"),
            ([good, Run("again", 0, 1.0), "--with", Run("c", 1, 1.0)], "same seed"),
            ([good, "--with", Run("d", 0, 1.0), Run("e", 1, 1.0)], "at least two each"),
            ([good, "--with", Path.Combine(_root, "missing")], "far_b.npz"),
        })
        {
            var outcome = SioProcess.Run(["compare", .. arguments, "--replicates", "100"]);
            Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
            Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
        }

        Assert.Equal(2, SioProcess.Run("compare").ExitCode);
        Assert.Equal(2, SioProcess.Run("compare", good, "--with", good, "--replicates", "1").ExitCode);
    }

    private static void CheckWidth(string output) => Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();

    private static double[] Scores(string run, string detector, string set) =>
        Npz.Read(Path.Combine(run, "scores", detector, set + ".npz"))["conf"].ToDoubles();

    private static ExperimentResults Results(params (string Arm, double Ratio, long Seed)[] arms) => Results("near_a", arms);

    private static ExperimentResults Results(string near, params (string Arm, double Ratio, long Seed)[] arms) => new()
    {
        Benchmark = "toy",
        Id = "id",
        Near = [near],
        Far = s_far,
        Arms = [.. arms.Select(arm => new ArmResults { Name = arm.Arm, RealRatio = arm.Ratio, Runs = [OneRun(arm.Seed)] })],
    };

    private static RunResults OneRun(long seed)
    {
        var none = new DetectorResults { Sets = new Dictionary<string, SetMetrics>() };
        return new RunResults { Seed = seed, Accuracy = 90, TrainSeconds = 1, Detectors = new Dictionary<string, DetectorResults> { ["msp"] = none, ["knn"] = none } };
    }

    /// <summary>A run whose ID scores lie that far above its OOD scores; every folder has noise of its own.</summary>
    private string Run(string name, long seed, double separation, int count = 60, int label = 1, string near = "near_a")
    {
        var folder = Path.Combine(_root, name);
        string[] sets = ["id", .. s_near.Select(_ => near), .. s_far];
        foreach (var (detector, d) in new[] { ("msp", 0), ("knn", 1) })
        {
            Directory.CreateDirectory(Path.Combine(folder, "scores", detector));
            for (var s = 0; s < sets.Length; s++)
            {
                var random = RandomStream.For(seed, name, d, s);
                var scores = new float[count + (10 * s)];
                for (var i = 0; i < scores.Length; i++)
                    scores[i] = (float)((s == 0 ? separation : 0) + random.NextGaussian());
                var labels = new long[scores.Length];
                Array.Fill(labels, s == 0 ? label : -1);
                Npz.Write(
                    Path.Combine(folder, "scores", detector, sets[s] + ".npz"),
                    ("pred", NpyArray.Create(labels)), ("conf", NpyArray.Create(scores)), ("gt", NpyArray.Create(labels)));
            }
        }

        ResultsFile.Write(Path.Combine(folder, "results.json"), Results(near, ("sio", 0.8, seed)));
        return folder;
    }
}
