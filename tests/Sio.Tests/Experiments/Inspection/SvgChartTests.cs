using System.Globalization;
using System.Xml.Linq;
using Sio.Experiments.Inspection;

namespace Sio.Tests.Experiments.Inspection;

public sealed class SvgChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Bars_are_as_high_as_their_values()
    {
        var chart = XDocument.Parse(SvgChart.Bars("A <title>", ["shirts & ties", "bags"], 100, ("one", [100, 50]), ("two", [0, 25])));
        double[] heights = [.. Bars(chart).Select(Height)];
        Assert.Equal(4, heights.Length);
        Assert.Equal(heights[0] / 2, heights[2], 0.1);
        Assert.Equal(0, heights[1]);
        Assert.Equal(heights[0] / 4, heights[3], 0.1);
        string[] texts = [.. chart.Descendants(s_svg + "text").Select(text => text.Value)];
        foreach (var text in new[] { "A <title>", "shirts & ties", "bags", "one", "two", "100", "0.0" })
            Assert.Contains(text, texts);
    }

    [Fact]
    public void A_histogram_shows_shares()
    {
        var chart = XDocument.Parse(SvgChart.Histogram("Distances", "distance", ("one", [0, 0, 0, 40]), ("two", [0, 40])));
        double[] heights = [.. Bars(chart).Select(Height)];
        Assert.Equal(4, heights.Length);
        Assert.Equal(heights[1] * 3, heights[0], 0.3); // 3/4 and 1/4
        Assert.Equal(heights[2], heights[3]);
        Assert.Equal(heights[1] * 2, heights[2], 0.3);
        Assert.Single(Bars(XDocument.Parse(SvgChart.Histogram("Equal values", "distance", ("one", [2, 2])))));
    }

    // Those of the legend are 12 high and wide; the paper has no opacity.
    private static IEnumerable<XElement> Bars(XDocument chart) =>
        chart.Descendants(s_svg + "rect").Where(bar => bar.Attribute("fill-opacity") is not null && bar.Attribute("width")!.Value != "12.0");

    private static double Height(XElement bar) => double.Parse(bar.Attribute("height")!.Value, CultureInfo.InvariantCulture);
}
