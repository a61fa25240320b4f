using System.Text.Json;
using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio metrics</c>: JSON and nothing else.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_output_is_one_JSON_object(bool idDouble, bool oodDouble)
    {
        // Of the twelve pairs, nine are won by the ID score and one is a tie.
        var id = Write("id.npy", [0.9, 0.5, 0.75, 0.25], idDouble);
        var ood = Write("ood.npy", [0.25, 0.125, 0.625], oodDouble);

        var outcome = SioProcess.Run("metrics", "--id", id, "--ood", ood);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal(["auroc", "aupr_in", "aupr_out", "fpr95", "fpr95_ood"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(100 * 9.5 / 12, json.RootElement.GetProperty("auroc").GetDouble(), 12);
        Assert.Equal(100 * 2 / 3.0, json.RootElement.GetProperty("fpr95").GetDouble(), 12);
        Assert.Equal(50, json.RootElement.GetProperty("fpr95_ood").GetDouble(), 12);
    }

    [Fact]
    public void Bad_files_are_refused()
    {
        var good = Write("good.npy", [1, 2], asDouble: false);
        foreach (var (bad, expected) in new[]
        {
            (Write("nan.npy", [1, double.NaN], asDouble: true), "NaN"), (Write("empty.npy", [], asDouble: true), "empty"),
            (Booleans(), "one score per image"), (Beyond(), "2^53"), (NoConf(), "'conf'"), (Matrix(), "one score per image"), (Path.Combine(_root, "none.npy"), "none.npy"),
        })
        {
            var outcome = SioProcess.Run("metrics", "--id", good, "--ood", bad);
            Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
            Assert.Contains(expected, outcome.ErrorLine, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>As this program and OpenOOD write them, and in every type that holds scores.</summary>
    [Fact]
    public void Archives_and_other_types_are_read()
    {
        var (id, ood) = (Path.Combine(_root, "id.npz"), Path.Combine(_root, "ood.npz"));
        Npz.Write(id, ("pred", NpyArray.Create<long>([1, 0, 2, 1])), ("conf", NpyArray.Create<float>([0.9f, 0.5f, 0.75f, 0.25f])), ("label", NpyArray.Create<long>([1, 0, 2, 1])));
        Npz.Write(ood, ("pred", NpyArray.Create<long>([1, 0, 2])), ("conf", NpyArray.Create<Half>([(Half)0.25, (Half)0.125, (Half)0.625])), ("gt", NpyArray.Create<long>([-1, -1, -1])));
        Assert.Equal(100 * 9.5 / 12, Auroc(id, ood), 12);

        var (idIntegers, oodIntegers) = (Path.Combine(_root, "id.npy"), Path.Combine(_root, "ood.npy"));
        Npy.Write<long>(idIntegers, [72, 40, 60, 20]);
        Npy.Write<byte>(oodIntegers, [20, 10, 50]);
        Assert.Equal(100 * 9.5 / 12, Auroc(idIntegers, oodIntegers), 12);
    }

    private static double Auroc(string id, string ood)
    {
        var outcome = SioProcess.Run("metrics", "--id", id, "--ood", ood);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        using var json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("auroc").GetDouble();
    }

    private string Booleans()
    {
        var path = Path.Combine(_root, "bool.npy");
        Npy.Write<bool>(path, [true, false]);
        return path;
    }

    private string Beyond()
    {
        var path = Path.Combine(_root, "beyond.npy");
        Npy.Write<long>(path, [1, (1L << 53) + 1]);
        return path;
    }

    private string NoConf()
    {
        var path = Path.Combine(_root, "scores.npz");
        Npz.Write(path, ("scores", NpyArray.Create<float>([1, 2])));
        return path;
    }

    private string Write(string name, double[] values, bool asDouble)
    {
        var path = Path.Combine(_root, name);
        if (asDouble)
            Npy.Write<double>(path, values);
        else
            Npy.Write<float>(path, Array.ConvertAll(values, value => (float)value));
        return path;
    }

    private string Matrix()
    {
        var path = Path.Combine(_root, "matrix.npy");
        Npy.Write<float>(path, [1, 2, 3, 4], 2, 2);
        return path;
    }
}
