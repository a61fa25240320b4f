using System.Text.Json;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Tests.Experiments.Results;

public sealed class ResultsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sio-results-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public void What_is_written_reads_back()
    {
        var path = Path.Combine(folder, "results.json");
        var results = SampleResults.Of([SampleResults.Run(0, 100.0 / 3, 2.0 / 3, 1e-17)], []);

        ResultsFile.Write(path, SampleResults.ThreeSeeds());
        ResultsFile.Write(path, results);

        Assert.Equivalent(results, ResultsFile.Read(path), strict: true);
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void Keys_are_spelled_as_documented()
    {
        using var json = JsonDocument.Parse(ResultsFile.ToJson(SampleResults.ThreeSeeds()));

        var root = json.RootElement;
        Assert.Equal(["benchmark", "id", "near", "far", "arms"], Keys(root));
        var arm = root.GetProperty("arms")[1];
        Assert.Equal(["name", "realRatio", "runs"], Keys(arm));
        var run = arm.GetProperty("runs")[0];
        Assert.Equal(["seed", "accuracy", "trainSeconds", "detectors"], Keys(run));
        var detector = run.GetProperty("detectors").GetProperty("msp");
        Assert.Equal(["near", "far", "sets"], Keys(detector));
        Assert.Equal(["held-out", "noise", "blobs"], Keys(detector.GetProperty("sets")));
        Assert.Equal(["auroc", "aupr_in", "aupr_out", "fpr95", "fpr95_ood"], Keys(detector.GetProperty("near")));
        Assert.Equal(95, detector.GetProperty("far").GetProperty("auroc").GetDouble());
        Assert.Equal(25, detector.GetProperty("far").GetProperty("fpr95").GetDouble());
    }

    [Fact]
    public void Computed_metrics_are_taken_over()
    {
        var metrics = SetMetrics.From(new OodMetrics(1, 2, 3, 4, 5));

        Assert.Equal(new SetMetrics { Auroc = 1, AuprIn = 2, AuprOut = 3, Fpr95 = 4, Fpr95Ood = 5 }, metrics);
        Assert.Throws<ArgumentException>(() => SetMetrics.Mean([]));
    }

    [Fact]
    public void A_group_without_sets_has_no_mean()
    {
        var detector = DetectorResults.FromSets(new Dictionary<string, SetMetrics> { ["a"] = SampleResults.Metrics(1, 2) }, ["a"], ["b"]);

        Assert.Equal(detector.Sets["a"], detector.Near);
        Assert.Null(detector.Far);
    }

    [Fact]
    public void Files_of_others_may_lack_openood_s_fpr_and_hold_more_keys()
    {
        var results = Read("""{"x": 1, "benchmark":"b","id":"i","near":["n"],"far":[],"arms":[{"name":"a","realRatio":1,"runs":[{"seed":0,"accuracy":1,"trainSeconds":2,"detectors":{"msp":{"near":{"auroc":1,"aupr_in":2,"aupr_out":3,"fpr95":4},"sets":{}}}}]}]}""");

        Assert.Null(results.Arms[0].Runs[0].Detectors["msp"].Near!.Fpr95Ood);
    }

    [Theory]
    [InlineData("", "not a results file")]
    [InlineData("null", "null")]
    [InlineData("[]", "not a results file")]
    [InlineData("""{"benchmark":"b","id":"i","near":[],"far":[]}""", "'arms'")]
    [InlineData("""{"benchmark":null,"id":"i","near":[],"far":[],"arms":[]}""", "not a results file")]
    [InlineData("""{"benchmark":"b","id":"i","near":[],"far":[],"arms":[null]}""", "'arms' holds null")]
    [InlineData("""{"benchmark":"b","id":"i","near":[],"far":[],"arms":[{"name":"a","realRatio":"1","runs":[]}]}""", "$.arms[0].realRatio")]
    [InlineData("""{"benchmark":"b","id":"i","near":[],"far":[],"arms":[{"name":"a","realRatio":1,"runs":[]},{"name":"a","realRatio":1,"runs":[]}]}""", "arm 'a' occurs 2 times")]
    [InlineData("""{"benchmark":"b","benchmark":"b","id":"i","near":[],"far":[],"arms":[]}""", "not a results file")]
    public void A_file_of_another_kind_is_refused_in_one_line(string text, string part)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(text));

        Assert.StartsWith(folder, e.Message, StringComparison.Ordinal);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_file()
    {
        var path = Path.Combine(folder, "results.json");
        ResultsFile.Write(path, SampleResults.ThreeSeeds());
        var before = File.ReadAllText(path);

        Assert.Throws<InvalidDataException>(() => ResultsFile.Write(path, SampleResults.Of([SampleResults.Run(0, double.NaN, 1, 1)], [])));
        Assert.Throws<InvalidDataException>(() => ResultsFile.Write(path, SampleResults.Of([SampleResults.Run(0, 1, 1, 1), SampleResults.Run(0, 1, 1, 1)], [])));
        Assert.ThrowsAny<IOException>(() => ResultsFile.Write(folder, SampleResults.ThreeSeeds()));

        Assert.Equal(before, File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".*"));
    }

    private static string[] Keys(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name)];

    private ExperimentResults Read(string text)
    {
        var path = Path.Combine(folder, "given.json");
        File.WriteAllText(path, text);
        return ResultsFile.Read(path);
    }
}
