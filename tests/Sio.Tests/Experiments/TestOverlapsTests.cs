using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments;

/// <summary>Which images are looked for where before a training.</summary>
public sealed class TestOverlapsTests
{
    private static readonly ImageSet s_images = NoiseImages.Uniform(100, 1, 8, 8, seed: 1);

    [Fact]
    public void Nothing_shared_is_nothing_to_say()
    {
        var told = new Told();
        Assert.Empty(TestOverlaps.Report(Data(), Beside(Part("synthetic", 60, 10), Part("auxiliary", 70, 10), Part("mixing", 80, 10)), refuse: true, told));
        Assert.Empty(told.Messages);
    }

    [Fact]
    public void OOD_sets_are_looked_for_among_all_images_and_ID_test_images_among_auxiliary_and_mixed_in_ones()
    {
        var told = new Told();

        // Near is 40…49, far 50…59, the ID test set 30…39; training 0…29.
        var data = Data() with { Far = [ImageSet.Concat("far", Part("a", 50, 10), Part("b", 3, 1))] };
        var found = TestOverlaps.Report(data, Beside(Part("synthetic", 28, 14), Part("auxiliary", 38, 13), Part("mixing", 39, 2)), refuse: false, told);
        Assert.Equal(
            [("training", "far", 1), ("synthetic", "near", 2), ("auxiliary", "test", 2), ("auxiliary", "near", 10), ("auxiliary", "far", 1), ("mixing", "test", 1), ("mixing", "near", 1)],
            found.Select(overlap => (overlap.Images, overlap.TestSet, overlap.Count)));
        Assert.Equal(7, told.Messages.Count);
        Assert.StartsWith("1 of the 11 images of the test set 'far' are among the training images (the first is its image 10)", told.Messages[0], StringComparison.Ordinal);
        var message = Assert.Throws<DataException>(() => TestOverlaps.Report(data, new TrainedImages(), refuse: true, told)).Message;
        Assert.Contains("objective.refuse_overlap", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Known_images_in_an_OOD_set_are_counted()
    {
        var told = new Told();
        var data = Data() with { Far = [ImageSet.Concat("far", Part("a", 50, 10), Part("b", 33, 2))] };
        Assert.Empty(TestOverlaps.ReportKnown(data, null, told));
        Assert.StartsWith("2 of the 12 images of the OOD set 'far' are images of the ID test set 'test' (the first is its image 10)", Assert.Single(told.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_the_ID_test_set_that_are_trained_on_are_counted_with_examples()
    {
        var told = new Told();
        Assert.Empty(TestOverlaps.ReportKnown(Data(), Part("synthetic", 60, 10), told));
        Assert.Empty(told.Messages);

        // The ID test set is 30…39, training 0…29.
        var found = TestOverlaps.ReportKnown(Data() with { Train = Part("train", 0, 32) }, Part("synthetic", 34, 9), told);
        Assert.Equal([("training", 2), ("synthetic", 6)], found.Select(overlap => (overlap.Images, overlap.Count)));
        Assert.StartsWith("2 of the 10 images of the ID test set 'test' are among the training images (its image 0, its image 1): ", told.Messages[0], StringComparison.Ordinal);
        Assert.StartsWith("6 of the 10 images of the ID test set 'test' are among the synthetic images (its image 4, its image 5, its image 6, …): ", told.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_looked_for_is_told()
    {
        var told = new Told();
        var streamed = new ImageSet("files", new FakeSource(4, new ImageSize(1, 8, 8)), new int[4], 1);
        var data = Data() with { Train = streamed, Near = [streamed.Select([2], "near")] };
        var overlap = Assert.Single(TestOverlaps.Report(data, new TrainedImages(), refuse: false, told));
        Assert.Equal(("training", "near", 1), (overlap.Images, overlap.TestSet, overlap.Count));
        Assert.Equal("whether the training images have images of 'far' among them was not looked for: the one is in memory, the other read from files", told.Messages[0]);
        Assert.Equal(2, told.Messages.Count);
    }

    private static BenchmarkData Data() => new()
    {
        Name = "test", Train = Part("train", 0, 30), Test = Part("test", 30, 10), Near = [Part("near", 40, 10)], Far = [Part("far", 50, 10)], Normalization = new Normalization([0.5f], [0.5f]),
    };

    private static TrainedImages Beside(ImageSet synthetic, ImageSet auxiliary, ImageSet mixing) => new(synthetic, auxiliary, new Lazy<ImageSet>(mixing));

    private static ImageSet Part(string name, int start, int count) => s_images.Select([.. Enumerable.Range(start, count)], name);

    private sealed class Told : RunObserver
    {
        internal List<string> Messages { get; } = [];

        public override void Warn(string message) => Messages.Add(message);
    }
}
