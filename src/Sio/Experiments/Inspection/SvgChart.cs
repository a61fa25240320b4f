using System.Globalization;
using System.Text;

namespace Sio.Experiments.Inspection;

/// <summary>Two simple charts as SVG text: grouped bars and overlaid histograms, with axes, labels and a legend. Every file stands alone.</summary>
internal static class SvgChart
{
    private const int Width = 760, Height = 360, Left = 60, Right = 20, Top = 60, Bottom = 60, Bins = 40;

    // Told apart by those who see colours differently too (Okabe & Ito 2008).
    private static readonly string[] s_colours = ["#0072b2", "#d55e00", "#009e73"];

    /// <summary>Bars of one value per category and series.</summary>
    /// <param name="title">Stands above.</param>
    /// <param name="categories">Stand below.</param>
    /// <param name="maximum">The top of the axis, which begins at 0; larger values are cut off.</param>
    /// <param name="series">At most three, each with a value per category.</param>
    internal static string Bars(string title, IReadOnlyList<string> categories, double maximum, params (string Name, IReadOnlyList<double> Values)[] series)
    {
        var svg = Begin(title, [.. series.Select(s => s.Name)]);
        Axis(svg, maximum, maximum / 5);
        var group = (double)(Width - Left - Right) / categories.Count;
        var bar = group * 0.8 / series.Length;
        for (var c = 0; c < categories.Count; c++)
        {
            for (var s = 0; s < series.Length; s++)
            {
                var height = Math.Clamp(series[s].Values[c] / maximum, 0, 1) * (Height - Top - Bottom);
                Rectangle(svg, Left + (c * group) + (group * 0.1) + (s * bar), Height - Bottom - height, bar, height, s_colours[s], 1);
            }

            Text(svg, Left + ((c + 0.5) * group), Height - Bottom + 18, "middle", categories[c]);
        }

        return End(svg);
    }

    /// <summary>Shares of values in equal bins, series drawn over each other half transparent.</summary>
    /// <param name="title">Stands above.</param>
    /// <param name="label">Says what the values are.</param>
    /// <param name="series">At most three, each with at least one finite value.</param>
    internal static string Histogram(string title, string label, params (string Name, double[] Values)[] series)
    {
        var (low, high) = (series.Min(s => s.Values.Min()), series.Max(s => s.Values.Max()));
        var width = high > low ? (high - low) / Bins : 1;
        var shares = series.Select(s => Shares(s.Values, low, width)).ToArray();
        var maximum = shares.Max(share => share.Max()) * 1.05;
        var svg = Begin(title, [.. series.Select(s => s.Name)]);
        Axis(svg, 100 * maximum, 20 * maximum, " %");
        var bar = (double)(Width - Left - Right) / Bins;
        for (var s = 0; s < series.Length; s++)
        {
            for (var i = 0; i < Bins; i++)
            {
                var height = shares[s][i] / maximum * (Height - Top - Bottom);
                if (height > 0)
                    Rectangle(svg, Left + (i * bar), Height - Bottom - height, bar, height, s_colours[s], 0.5);
            }
        }

        for (var tick = 0; tick <= 4; tick++)
            Text(svg, Left + (tick * Bins / 4 * bar), Height - Bottom + 18, "middle", Number(low + (tick * Bins / 4 * width)));
        Text(svg, Left + ((Width - Left - Right) / 2.0), Height - 16, "middle", label);
        return End(svg);
    }

    private static double[] Shares(double[] values, double low, double width)
    {
        var shares = new double[Bins];
        foreach (var value in values)
            shares[Math.Clamp((int)((value - low) / width), 0, Bins - 1)] += 1.0 / values.Length;
        return shares;
    }

    private static StringBuilder Begin(string title, string[] names)
    {
        var svg = new StringBuilder();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" font-family="sans-serif" font-size="12">""");
        Line(svg, $"""<rect width="{Width}" height="{Height}" fill="white"/>""");
        Line(svg, $"""<text x="{Width / 2}" y="20" text-anchor="middle" font-size="15">{Escape(title)}</text>""");
        for (var i = 0; i < names.Length; i++)
        {
            Rectangle(svg, Left + (i * 230), 33, 12, 12, s_colours[i], 1);
            Text(svg, Left + (i * 230) + 18, 43, "start", names[i]);
        }

        return svg;
    }

    private static void Axis(StringBuilder svg, double maximum, double step, string unit = "")
    {
        for (var i = 0; i <= 5; i++)
        {
            var y = Height - Bottom - (i * step / maximum * (Height - Top - Bottom));
            Line(svg, $"""<line x1="{Left}" x2="{Width - Right}" y1="{y:F1}" y2="{y:F1}" stroke="{(i == 0 ? "black" : "#dddddd")}"/>""");
            Text(svg, Left - 6, y + 4, "end", Number(i * step) + unit);
        }
    }

    private static void Rectangle(StringBuilder svg, double x, double y, double width, double height, string colour, double opacity) =>
        Line(svg, $"""<rect x="{x:F1}" y="{y:F1}" width="{width:F1}" height="{height:F1}" fill="{colour}" fill-opacity="{opacity}"/>""");

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text) =>
        Line(svg, $"""<text x="{x:F1}" y="{y:F1}" text-anchor="{anchor}">{Escape(text)}</text>""");

    private static string End(StringBuilder svg) => svg.Append("</svg>\n").ToString();

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 10 ? "F0" : "F1", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text) ?? string.Empty;
}
