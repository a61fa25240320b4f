using System.Text.Json;
using Sio.Data;
using Sio.Evaluation.Generated;
using Sio.Experiments.Inspection;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments.Inspection;

public sealed class InspectionFilterTests
{
    // Six images of 1×1, three of either class, stored with the labels 4 and 7. Image 1 disagrees, image 2 is a copy.
    private static Sio.Experiments.Inspection.Inspection Inspected(IReadOnlyList<double>? realism = null) => new()
    {
        Results = Results(),
        Stored = new ImageSet("stored", [10, 11, 12, 13, 14, 15], [4, 4, 4, 7, 7, 7], 1, 1, 1, 8),
        Labels = [0, 0, 0, 1, 1, 1],
        Predictions = [0, 1, 0, 1, 1, 1],
        Confidence = [0.9, 0.1, 0.99, 0.7, 0.8, 0.7],
        Neighbours = new NearestNeighbours([0, 0, 0, 0, 0, 0], [1, 1, 0.2, 1, 1, 0.5]),
        Realism = realism,
    };

    [Fact]
    public void Each_rule_keeps_what_it_says()
    {
        Assert.Equal([0, 2, 3, 4, 5], Kept(new InspectionFilter { KeepAgreeing = true }));
        Assert.Equal([0, 1, 3, 4, 5], Kept(new InspectionFilter { DropCopies = true })); // at the threshold, 0.5, is not below it
        Assert.Equal([0, 2, 3, 4], Kept(new InspectionFilter { QualityTop = 0.5 })); // two of three each; the first of equal ones
        Assert.Equal([1, 5], new InspectionFilter { QualityTop = 0.3, Quality = QualityMeasure.Realism }.Choose(Inspected([1, 3, 2, 1, 2, 3])).Kept);
    }

    [Fact]
    public void Rules_apply_one_after_the_other_and_are_counted()
    {
        var (kept, counts) = new InspectionFilter { KeepAgreeing = true, DropCopies = true, QualityTop = 0.5 }.Choose(Inspected());
        Assert.Equal([0, 3, 4], kept);
        Assert.Equal((6, 1, 1, 1, 3), (counts.Images, counts.Disagreeing, counts.Copies, counts.Worse, counts.Kept));
        Assert.Equal([1, 2], counts.PerClass);
    }

    [Fact]
    public void A_class_without_images_is_refused()
    {
        var inspection = Inspected() with { Predictions = [1, 1, 1, 1, 1, 1] };
        var error = Assert.Throws<DataException>(() => new InspectionFilter { KeepAgreeing = true }.Choose(inspection));
        Assert.Contains("no image of class 0 (shirt)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new InspectionFilter { QualityTop = 0.5, Quality = QualityMeasure.Realism }.Choose(Inspected()));
    }

    [Theory]
    [InlineData("kept.npz", "kept.provenance.json")]
    [InlineData("kept", "kept/provenance.json")]
    public void The_set_is_written_with_the_labels_of_its_source_and_its_provenance(string name, string provenance)
    {
        using var folder = new TempFolder();
        var inspected = Inspected();
        inspected = inspected with { Results = inspected.Results with { Set = inspected.Results.Set with { Source = folder.File("source.npz") } } };
        File.WriteAllText(folder.File("source.provenance.json"), """{ "generator": "gan" }""");
        FilteredSet.Write(folder.File(name), inspected, new InspectionFilter { KeepAgreeing = true, DropCopies = true });
        var set = SyntheticSet.Load(folder.File(name));
        Assert.Equal([10, 13, 14, 15], set.Pixels);
        Assert.Equal([4, 7, 7, 7], set.Labels);

        var said = JsonDocument.Parse(File.ReadAllText(folder.File(provenance))).RootElement;
        Assert.Equal(Inspected().Stored.ContentHash, said.GetProperty("sourceSha256").GetString());
        Assert.Equal(set.ContentHash, said.GetProperty("sha256").GetString());
        Assert.Equal("gan", said.GetProperty("sourceProvenance").GetProperty("generator").GetString());
        Assert.Equal(0.5, said.GetProperty("filters").GetProperty("copyThreshold").GetDouble());
        Assert.Equal([1, 3], said.GetProperty("perClass").EnumerateArray().Select(count => count.GetInt32()));
        Assert.Throws<DataException>(() => FilteredSet.Refuse(folder.File(name)));
    }

    [Fact]
    public void Channels_come_last_on_disk()
    {
        using var folder = new TempFolder();
        var colour = new ImageSet("colour", [1, 2, 3, 4, 5, 6, .. new byte[6]], [0, 1], 3, 1, 2, 2);
        var inspection = Inspected() with { Stored = colour, Labels = [0, 1], Predictions = [0, 1] };
        FilteredSet.Write(folder.File("kept"), inspection, new InspectionFilter { KeepAgreeing = true });
        Assert.Equal([1, 3, 5, 2, 4, 6], Npy.Read(folder.File("kept/images.npy")).Elements<byte>()[..6]);
        Assert.Equal(colour.Pixels, SyntheticSet.Load(folder.File("kept")).Pixels);
    }

    private static int[] Kept(InspectionFilter filter) => filter.Choose(Inspected()).Kept;

    private static InspectionResults Results()
    {
        var images = new InspectedImages { Source = "x", Images = 6, PerClass = [3, 3], Sha256 = "0" };
        var measures = new DistributionMeasures { Frechet = 0, Kernel = 0, Precision = 1, Recall = 1, Density = 1, Coverage = 1 };
        var accuracy = new ClassAccuracy { Overall = 100, PerClass = [100, 100] };
        var copies = new CopyMeasures { MedianSynthetic = 1, MedianHeldOut = 1, Z = 0, C = 0, PerClass = [0, 0], Floor = 0 };
        return new InspectionResults
        {
            Set = images, Training = images, HeldOut = images, Classes = ["shirt", "bag"], Classifier = "/run", Network = "lenet", Features = 1, ImagesPerSide = 3, K = 1, Seed = 0,
            Synthetic = measures, RealHeldOut = measures, RealSplit = measures, ExpectedCoverage = 0.5, PerClass = [], RealOnHeldOut = accuracy, RealOnSynthetic = accuracy,
            CopiesInPixels = copies, CopiesInFeatures = copies, CopyQuantile = 0.01, CopyThreshold = 0.5, SuspectedCopies = 1, Closest = [],
        };
    }
}
