using System.Text.Json;

namespace Sio.Tests.Evaluation;

/// <summary>One case of the reference file: scores in file order, and the figures as fractions.</summary>
public sealed record MetricsCase(
    string Name,
    double[] Id,
    double[] Ood,
    bool[] IdCorrect,
    int[] Predictions,
    int[] Labels,
    IReadOnlyDictionary<string, double> Exact,
    IReadOnlyDictionary<string, double> OpenOod10)
{
    public override string ToString() => Name;
}

public static class MetricsReference
{
    public static IReadOnlyDictionary<string, MetricsCase> Cases { get; } = Load();

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, MetricsCase> Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics", "metrics.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.GetProperty("cases").EnumerateArray().Select(Case).ToDictionary(c => c.Name);
    }

    private static MetricsCase Case(JsonElement json)
    {
        var scores = json.GetProperty("conf").EnumerateArray().Select(e => e.GetDouble()).ToArray();
        var labels = json.GetProperty("label").EnumerateArray().Select(e => e.GetInt32()).ToArray();
        var predictions = json.GetProperty("pred").EnumerateArray().Select(e => e.GetInt32()).ToArray();
        var all = Enumerable.Range(0, scores.Length).ToArray();
        var id = all.Where(i => labels[i] >= 0).ToArray();
        return new MetricsCase(
            json.GetProperty("name").GetString()!,
            [.. id.Select(i => scores[i])],
            [.. all.Where(i => labels[i] < 0).Select(i => scores[i])],
            [.. id.Select(i => predictions[i] == labels[i])],
            predictions,
            labels,
            Figures(json.GetProperty("exact")),
            Figures(json.GetProperty("openood_v1_0")));
    }

    private static Dictionary<string, double> Figures(JsonElement json) =>
        json.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
}
