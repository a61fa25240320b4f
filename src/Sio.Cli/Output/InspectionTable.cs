using System.Globalization;
using Sio.Experiments.Inspection;

namespace Sio.Cli.Output;

/// <summary>Prints an inspection in tables that fit 80 columns.</summary>
internal static class InspectionTable
{
    private const int NameWidth = 15;

    internal static void Print(InspectionResults results)
    {
        var (set, training, heldOut) = (results.Set, results.Training, results.HeldOut);
        Console.WriteLine();
        Line($"{set.Images} synthetic images of {results.Classes.Count} classes, {training.Images} real training images,");
        Line($"{heldOut.Images} held-out ones. Features: {results.Features} of {results.Network}, {results.RealOnHeldOut.Overall:F1} % accurate.");
        Console.WriteLine();
        Distribution(results);
        Accuracies(results);
        Copies(results);
        Line($"Pictures: {(results.Pictures.Count == 0 ? "none" : string.Join(", ", results.Pictures))}");
    }

    internal static void Print(FilterCounts counts, string target)
    {
        Line($"Filtered: {counts.Kept} of {counts.Images} images kept; {counts.Disagreeing} disagreed with their label,");
        Line($"{counts.Copies} were suspected copies, {counts.Worse} were not among the best. Set: {target}");
    }

    internal static void Print(double[] weights, string target)
    {
        Line($"Weights: {weights.Min():G3} to {weights.Max():G3}, {weights.Average():G3} on average, {weights.Count(weight => weight == 0)} of {weights.Length} are 0.");
        Line($"File: {target} (synthetic.weights)");
    }

    private static void Distribution(InspectionResults results)
    {
        Line($"{$"{results.ImagesPerSide} images a side, k = {results.K}",-38} {"synthetic",12} {"held-out",12} {"training",12}");
        Row("Fréchet distance (these features) ↓", m => m.Frechet);
        Row("Kernel distance (these features) ↓", m => m.Kernel);
        Row("Precision ↑", m => m.Precision);
        Row("Recall ↑", m => m.Recall);
        Row("Density ↑", m => m.Density);
        Row("Coverage ↑", m => m.Coverage);
        Line($"Held-out and other training images, against the same ones: what real images get.");
        Line($"A perfect generator's coverage is {results.ExpectedCoverage:F3}. No published FID or KID compares.");
        Console.WriteLine();

        void Row(string name, Func<DistributionMeasures, double> value) =>
            Line($"{name,-38} {Number(value(results.Synthetic)),12} {Number(value(results.RealHeldOut)),12} {Number(value(results.RealSplit)),12}");
    }

    private static void Accuracies(InspectionResults results)
    {
        Line($"{"Class",-NameWidth} {"images",6} {"agree",6} {"real",6} {"taught",6} {"precision",9} {"recall",6} {"coverage",8} {"copies z",8}");
        for (var c = 0; c < results.Classes.Count; c++)
        {
            var (name, measures) = (results.Classes[c], results.PerClass[c]);
            Row(
                name, results.Set.PerClass[c], results.RealOnSynthetic.PerClass[c], results.RealOnHeldOut.PerClass[c], results.SyntheticOnHeldOut?.PerClass[c],
                measures.Precision, measures.Recall, measures.Coverage, results.CopiesInPixels.PerClass[c]);
        }

        var (all, pixels) = (results.Synthetic, results.CopiesInPixels);
        Row("all", results.Set.Images, results.RealOnSynthetic.Overall, results.RealOnHeldOut.Overall, results.SyntheticOnHeldOut?.Overall, all.Precision, all.Recall, all.Coverage, pixels.C);
        Line($"Per cent: labels that the real-data classifier agrees with; its accuracy on");
        Line($"held-out images; that of a classifier taught by the synthetic images alone.");
        Console.WriteLine();
    }

    private static void Row(
        string name, int images, double agree, double real, double? taught, double precision, double recall, double coverage, double? copies) => Line(
        $"{(name.Length <= NameWidth ? name : name[..(NameWidth - 1)] + "…"),-NameWidth} {images,6} {agree,6:F1} {real,6:F1} {Optional(taught, "F1"),6} {precision,9:F3} {recall,6:F3} {coverage,8:F3} {Optional(copies, "F1"),8}");

    private static void Copies(InspectionResults results)
    {
        var (pixels, features) = (results.CopiesInPixels, results.CopiesInFeatures);
        Line($"{"Distance to the nearest training image",-38} {"pixels",12} {"features",12}");
        Line($"{"Median, synthetic images",-38} {Number(pixels.MedianSynthetic),12} {Number(features.MedianSynthetic),12}");
        Line($"{"Median, held-out real images",-38} {Number(pixels.MedianHeldOut),12} {Number(features.MedianHeldOut),12}");
        Line($"{"C_T; far below 0: copies",-38} {Optional(pixels.C, "F1"),12} {Optional(features.C, "F1"),12}");
        Line($"{"C_T of real halves",-38} {Optional(pixels.Floor, "F1"),12} {Optional(features.Floor, "F1"),12}");
        Line($"Suspected copies (nearer than {100 * results.CopyQuantile:G3} % of held-out images): {results.SuspectedCopies}, {100.0 * results.SuspectedCopies / results.Set.Images:F2} %.");
        Console.WriteLine();
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "F1" : "F4", CultureInfo.InvariantCulture);

    private static string Optional(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
