using System.Globalization;
using Sio.Experiments.Inspection;

namespace Sio.Cli.Output;

/// <summary>Prints a first look at a synthetic set in lines that fit 80 columns.</summary>
internal static class DataInspectionTable
{
    private const int NameWidth = 24;

    internal static void Print(DataInspection found, string folder)
    {
        var (images, heldOut) = (found.Set.Images, found.HeldOut.Images);
        Console.WriteLine();
        Line($"{images} synthetic images of {string.Join('×', found.Shape)}, {found.Training.Images} real training images, {heldOut} held-out ones.");
        foreach (var note in found.Notes)
            HangingText.Print(string.Empty, note);
        Console.WriteLine();
        Line($"{"class",-NameWidth} {"synthetic",10} {"training",10}");
        for (var c = 0; c < found.Classes.Count; c++)
        {
            var name = found.Classes[c].Length <= NameWidth ? found.Classes[c] : found.Classes[c][..(NameWidth - 1)] + "…";
            Line($"{name.PadRight(NameWidth)} {found.SyntheticPerClass[c],10} {found.TrainingPerClass[c],10}");
        }

        Console.WriteLine();
        Line($"{"Same as an earlier synthetic image",-44} {found.Repeated,8} {Share(found.Repeated, images)}");
        Line($"{"Same as a training image, bit by bit",-44} {found.ExactCopies,8} {Share(found.ExactCopies, images)}");
        Line($"{"  of these with another label",-44} {found.ExactCopiesOfOtherClass,8}");
        Line($"{"Nearly the same as a training image",-44} {found.NearCopies,8} {Share(found.NearCopies, images)}");
        Line($"{"Same as a held-out image, bit by bit",-44} {found.ExactCopiesOfHeldOut,8} {Share(found.ExactCopiesOfHeldOut, images)}");
        Line($"{"Held-out images among the training images",-44} {found.HeldOutInTraining,8} {Share(found.HeldOutInTraining, heldOut)}");
        Line($"Nearly the same: 8×8 thumbnails within {found.NearThreshold:G3}, as {100 * found.NearQuantile:G3} % of held-out images are.");
        Line($"Median distance to the nearest: {found.MedianSynthetic:G3} synthetic, {found.MedianHeldOut:G3} held-out.");
        if (found.NearCopies > 2 * found.NearQuantile * images)
            Line($"More than twice as many as of held-out images: look at the closest pairs.");
        Line($"In {folder}: {string.Join(", ", found.Pictures.Append("data-inspect.json"))}");
    }

    private static string Share(int count, int of) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / Math.Max(of, 1),7:F2} %");

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
