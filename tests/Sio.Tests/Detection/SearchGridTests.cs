using Sio.Detection;

namespace Sio.Tests.Detection;

/// <summary>Which settings a search tries.</summary>
public sealed class SearchGridTests
{
    public static TheoryData<string> Detectors() => [.. Catalog<Detector>.Names];

    // OpenOOD 1.5's configs/postprocessors/*.yml, postprocessor_sweep.
    [Theory]
    [InlineData("ebo", "temperature", "1 10 100 1000")]
    [InlineData("odin", "temperature", "1 10 100 1000")]
    [InlineData("odin", "noise", "0.0014 0.0028")]
    [InlineData("react", "percentile", "85 90 95 99")]
    [InlineData("vim", "dim", "256 1000")]
    [InlineData("ash_p", "percentile", "65 70 75 80 85 90 95")]
    [InlineData("ash_b", "percentile", "65 70 75 80 85 90 95")]
    [InlineData("ash_s", "percentile", "65 70 75 80 85 90 95")]
    [InlineData("scale", "percentile", "65 70 75 80 85 90 95")]
    [InlineData("gen", "gamma", "0.01 0.1 0.5 1 2 5 10")]
    [InlineData("gen", "m", "10 50 100 200 500 1000")]
    [InlineData("vra", "percentile_high", "85 90 95 99")]
    [InlineData("vra", "percentile_low", "1 5 10 15")]
    [InlineData("nci", "alpha", "0.0001 0.001 0.01 0.1")]
    [InlineData("relation", "pow", "1 2 4 6 8")]
    [InlineData("fdbd", "distance_as_normalizer", "true false")]
    public void Grids_are_those_of_the_peer(string name, string key, string values)
    {
        var prefix = $"{name}.{key}=";
        var tried = SearchGrid.Combinations(name, []).SelectMany(one => one).Where(setting => setting.StartsWith(prefix, StringComparison.Ordinal));
        Assert.Equal(values.Split(' '), tried.Select(setting => setting[prefix.Length..]).Distinct());
    }

    // A value that no detector takes, or two that make the same detector, would be a search that changes nothing.
    [Theory]
    [MemberData(nameof(Detectors))]
    public void Every_combination_makes_a_detector_of_its_own(string name)
    {
        var made = SearchGrid.Combinations(name, []).Select(combination =>
        {
            using var detector = DetectorFactory.Create(name, combination);
            return DetectorFactory.Describe(detector);
        }).ToArray();
        Assert.Equal(made.Distinct(), made);
    }

    [Fact]
    public void All_combinations_of_what_is_not_set_are_tried_in_order()
    {
        var odin = SearchGrid.Combinations("odin", []);
        Assert.Equal(8, odin.Count);
        Assert.Equal(["odin.temperature=1", "odin.noise=0.0014"], odin[0]);
        Assert.Equal(["odin.temperature=10", "odin.noise=0.0014"], odin[1]);
        Assert.Equal(["odin.temperature=1000", "odin.noise=0.0028"], odin[7]);
        Assert.Equal(["odin.noise=0.0014", "odin.noise=0.0028"], SearchGrid.Combinations("odin", ["knn.k=3", "ODIN.Temperature=5"]).Select(one => Assert.Single(one)));
        Assert.Empty(SearchGrid.Combinations("odin", ["odin.temperature=5", "odin.noise=0"]));
        Assert.Empty(SearchGrid.Combinations("msp", []));
        Assert.Throws<UnknownNameException>(() => SearchGrid.Combinations("none", []));
    }
}
