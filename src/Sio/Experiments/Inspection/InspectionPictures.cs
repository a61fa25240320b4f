using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>The pictures of an inspection: contact sheets (PNG) and charts (SVG).</summary>
internal static class InspectionPictures
{
    private const int PerClass = 16, LargeEnough = 48;

    /// <summary>Writes them into a folder; contact sheets only where images have 1 or 3 channels.</summary>
    /// <returns>The files' names.</returns>
    internal static List<string> Write(string folder, InspectedData data, InspectionResults results, (double[] Synthetic, double[] HeldOut) distances)
    {
        var names = new List<string>();
        if (data.Synthetic.Channels is 1 or 3)
        {
            var scale = data.Synthetic.Height < LargeEnough ? 2 : 1;
            Sheet("synthetic.png", ContactSheet.RowPerClass(data.Synthetic, PerClass), scale);
            Sheet("real.png", ContactSheet.RowPerClass(data.Real.Test, PerClass), scale);
            Sheet("closest.png", Pairs(data.Synthetic, data.Real.Train, results.Closest), scale);
        }

        Chart("accuracy.svg", Accuracies(results));
        Chart("distances.svg", SvgChart.Histogram(
            "Distance to the nearest training image (pixels)", "Euclidean distance, pixels in 0…1", ("synthetic", distances.Synthetic), ("held-out real", distances.HeldOut)));
        return names;

        void Sheet(string name, IReadOnlyList<IReadOnlyList<(ImageSet, int)>> rows, int scale)
        {
            ContactSheet.Write(Path.Combine(folder, name), rows, 2, scale);
            names.Add(name);
        }

        void Chart(string name, string svg)
        {
            AtomicFile.WriteAllText(Path.Combine(folder, name), svg);
            names.Add(name);
        }
    }

    /// <summary>A row per class: synthetic image and neighbour beside each other, an empty cell between pairs.</summary>
    internal static List<List<(ImageSet, int)>> Pairs(ImageSet synthetic, ImageSet training, IReadOnlyList<ClosePair> closest) =>
    [
        .. closest.GroupBy(pair => pair.Label).Select(pairs => pairs.SelectMany((pair, i) =>
        {
            (ImageSet, int)[] cells = [(synthetic, pair.Image), (training, pair.Neighbour)];
            return i == 0 ? cells : [(synthetic, -1), .. cells];
        }).ToList()),
    ];

    private static string Accuracies(InspectionResults results)
    {
        var series = new List<(string, IReadOnlyList<double>)>
        {
            ("real classifier, held-out real", results.RealOnHeldOut.PerClass), ("real classifier, synthetic", results.RealOnSynthetic.PerClass),
        };
        if (results.SyntheticOnHeldOut is { } trained)
            series.Add(("synthetic classifier, held-out real", trained.PerClass));
        return SvgChart.Bars("Accuracy per class (%)", results.Classes, 100, [.. series]);
    }
}
