using Sio.Engine;
using Sio.Data;
using Sio.Experiments;
using Sio.Experiments.Inspection;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Experiments.Inspection;

/// <summary>An inspection of colour images of two classes, red ones and blue ones.</summary>
public sealed class InspectorTests
{
    [Fact]
    public void It_repeats_itself_from_the_classifiers_it_has_and_leaves_no_tensors()
    {
        using var folder = new TempFolder();
        Write(folder.File("real.npz"), 60, seed: 1);
        Write(folder.File("held-out.npz"), 30, seed: 2);
        Write(folder.File("synthetic.npz"), 40, seed: 3);
        var plan = new InspectionPlan
        {
            Set = folder.File("synthetic.npz"),
            Against = folder.File("real.npz"),
            HeldOut = folder.File("held-out.npz"),
            Output = folder.File("out"),
            Overrides = ["training.epochs=8", "training.batch_size=10", "threads=1"],
            WithRealism = true,
        };
        var before = TorchRuntime.LiveTensors;
        var first = Inspector.Inspect(plan);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(30, first.Results.ImagesPerSide);
        Assert.Equal(100, first.Results.RealOnHeldOut.Overall);
        Assert.Equal(100, first.Results.SyntheticOnHeldOut!.Overall);
        Assert.All(first.Confidence, value => Assert.InRange(value, 0.5, 1));
        Assert.Equal(40, first.Realism!.Count);
        Assert.InRange(first.Results.CopiesInPixels.C!.Value, -4, 4);
        Assert.Equal(first.Labels.Zip(first.Predictions, (label, seen) => label == seen ? 1.0 : 0), QualityWeights.Of(first, WeightMeasure.Agreement));
        Assert.Equal(first.Confidence, QualityWeights.Write(folder.File("weights/confidence.npy"), first, WeightMeasure.Confidence));
        Assert.Equal(first.Confidence, Npy.Read(folder.File("weights/confidence.npy")).Elements<double>());
        Assert.Equal(first.Realism.Select(value => Math.Min(value, 1)), QualityWeights.Of(first, WeightMeasure.Realism));
        Assert.Throws<ArgumentException>(() => QualityWeights.Of(first with { Realism = null }, WeightMeasure.Realism));
        Assert.Contains("is there already", Assert.Throws<DataException>(() => QualityWeights.Write(folder.File("weights/confidence.npy"), first, WeightMeasure.Confidence)).Message, StringComparison.Ordinal);
        var wrong = first with { Predictions = [.. first.Labels.Select(label => 1 - label)] };
        Assert.Contains("counts at all", Assert.Throws<DataException>(() => QualityWeights.Write(folder.File("weights/none.npy"), wrong, WeightMeasure.Agreement)).Message, StringComparison.Ordinal);
        Assert.Equal(3, Png.Read(folder.File("out/closest.png")).Channels);

        var counted = new Counting();
        var text = File.ReadAllText(folder.File("out/inspect.json"));
        Inspector.Inspect(plan, counted);
        Assert.Equal(text, File.ReadAllText(folder.File("out/inspect.json")));
        Assert.Equal(0, counted.Steps);
    }

    private static void Write(string path, int count, long seed)
    {
        var random = RandomStream.For(seed, "inspector-test");
        var pixels = new byte[count * 8 * 8 * 3];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(random.NextInt(120) + (i % 3 == (i / 192 % 2 == 0 ? 0 : 2) ? 130 : 0));
        Npz.Write(path, ("images", NpyArray.Create(pixels, count, 8, 8, 3)), ("labels", NpyArray.Create(Enumerable.Range(0, count).Select(i => i % 2L).ToArray())));
    }

    private sealed class Counting : RunObserver
    {
        public int Steps { get; private set; }

        public override void Trained(TrainingProgress progress) => Steps++;
    }
}
