using Sio.Data;
using Sio.Engine;
using Sio.Evaluation.Generated;
using Sio.Experiments.Inspection;
using Sio.Tests.Data;
using static TorchSharp.torch;

namespace Sio.Tests.Experiments.Inspection;

public sealed class DataInspectorTests : IDisposable
{
    private const int Classes = 3, PerClass = 40, Side = 16;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Copies_are_counted_and_only_they()
    {
        var before = TorchRuntime.LiveTensors;
        var (real, test) = (Images(Classes * PerClass, 1), Images(60, 2));
        var synthetic = Images(60, 3);
        // Images 0 to 3 copy training images, 1 under another label; 4 and 5 nearly; 6 repeats 7; 8 is a held-out image.
        Copy(real, 6, synthetic, 0);
        Copy(real, 9, synthetic, 3);
        Copy(real, 7, synthetic, 1);
        Copy(real, 8, synthetic, 2);
        synthetic.Labels[2] = 0;
        Copy(real, 10, synthetic, 4, noise: 3);
        Copy(real, 11, synthetic, 5, noise: 3);
        Copy(synthetic, 7, synthetic, 6);
        Copy(test, 8, synthetic, 8);
        // Three of sixty held-out images are copies too, two of them less exact ones: they set the threshold.
        Copy(real, 3, test, 0);
        Copy(real, 4, test, 1, noise: 8);
        Copy(real, 5, test, 2, noise: 8);
        foreach (var (name, set) in new[] { ("real", real), ("test", test), ("synthetic", synthetic) })
            Write(name, set);

        var found = DataInspector.Inspect(Plan());
        Assert.Equal((1, 4, 1, 1, 1), (found.Repeated, found.ExactCopies, found.ExactCopiesOfOtherClass, found.ExactCopiesOfHeldOut, found.HeldOutInTraining));
        Assert.Equal(6, found.NearCopies);
        Assert.Equal([1, Side, Side], found.Shape);
        Assert.Equal([21, 20, 19], found.SyntheticPerClass);
        Assert.Equal([40, 40, 40], found.TrainingPerClass);
        Assert.True(found.MedianHeldOut > 2 * found.NearThreshold, $"{found.MedianHeldOut} {found.NearThreshold}");
        Assert.Equal(0, found.Closest[0].Distance);
        Assert.Contains(found.Closest, pair => pair is { Image: 4, Neighbour: 10 });
        var read = DataInspection.Read(_folder.File("out/data-inspect.json"));
        Assert.Equal((found.NearThreshold, found.NearCopies), (read.NearThreshold, read.NearCopies));
        Assert.Equal(found.Closest, read.Closest);
        Assert.Equal(2 + (Classes * ((2 * Side) + 2)), Png.Read(_folder.File("out/contact-sheet.png")).Height);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_class_without_images_is_told_not_refused()
    {
        var synthetic = Images(30, 3);
        for (var i = 0; i < synthetic.Count; i++)
            synthetic.Labels[i] %= 2;
        foreach (var (name, set) in new[] { ("real", Images(60, 1)), ("test", Images(30, 2)), ("synthetic", synthetic) })
            Write(name, set);
        Assert.Equal(0, DataInspector.Inspect(Plan()).SyntheticPerClass[2]);
        Assert.Contains("not found", Assert.Throws<DataException>(() => DataInspector.Inspect(Plan() with { Set = _folder.File("none.npz") })).Message, StringComparison.Ordinal);
    }

    // A BigGAN's images as they lie on the disk: class folders, of another size than the real ones.
    [Fact]
    public void Class_folders_are_brought_to_the_real_size_and_shown()
    {
        var (real, test) = (Images(60, 1), Images(30, 2));
        Write("real", real);
        Write("test", test);
        for (var c = 0; c < Classes; c++)
        {
            Directory.CreateDirectory(_folder.File($"folders/{c}"));
            for (var i = c; i < 30; i += Classes)
                Png.Write(_folder.File($"folders/{c}/{i}.png"), Enlarged(real, i));
        }

        var found = DataInspector.Inspect(Plan() with { Set = _folder.File("folders") });
        Assert.Equal([10, 10, 10], found.SyntheticPerClass);
        Assert.Equal([1, Side, Side], found.Shape);
        Assert.Contains("is of 1×160×160", Assert.Single(found.Notes), StringComparison.Ordinal);
        Assert.Contains(found.Closest, pair => pair.Distance < found.NearThreshold);
        Assert.Equal(found.Notes, DataInspection.Read(_folder.File("out/data-inspect.json")).Notes);
    }

    [Fact]
    public void Sheets_of_large_images_show_them_small()
    {
        const int large = 160;
        foreach (var (name, count) in new[] { ("real", 30), ("test", 12), ("synthetic", 12) })
        {
            Npz.Write(
                _folder.File(name + ".npz"), ("images", NpyArray.Create([.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Repeat((byte)(7 * i), large * large * 3))], count, large, large, 3)),
                ("labels", NpyArray.Create([.. Enumerable.Range(0, count).Select(i => (long)(i % Classes))])));
        }

        DataInspector.Inspect(Plan());
        var sheet = Png.Read(_folder.File("out/contact-sheet.png"));
        Assert.Equal((2 + (4 * 66), 2 + (Classes * 66), 3), (sheet.Width, sheet.Height, sheet.Channels));
        Assert.Equal(7 * 4, sheet.Pixels[((70 * sheet.Width) + 70) * 3]);
    }

    [Fact]
    public void Thumbnails_are_means_over_areas()
    {
        using var scope = NewDisposeScope();
        // 12 pixels to 8: each covers one and a half.
        var set = new ImageSet("s", [.. Enumerable.Range(0, 144).Select(i => (byte)(i % 12 * 10))], [0], 1, 12, 12, 1);
        var row = Thumbnails.Of(set).ToArray<float>()[..8];
        for (var i = 0; i < 8; i++)
        {
            var (start, end) = (i * 1.5, (i + 1) * 1.5);
            var mean = Enumerable.Range(0, 12).Sum(p => Math.Max(0, Math.Min(end, p + 1) - Math.Max(start, p)) * p * 10) / 1.5 / 255;
            Assert.Equal(mean, row[i], 5);
        }

        var small = new ImageSet("s", [0, 51, 102, 255], [0], 1, 2, 2, 1);
        Assert.Equal([0f, 0.2f, 0.4f, 1f], Thumbnails.Of(small).ToArray<float>());
        Assert.Equal([2, 3 * 64], Thumbnails.Of(new ImageSet("c", new byte[2 * 3 * 28 * 28], [0, 0], 3, 28, 28, 1)).shape);
    }

    private InspectionPlan Plan() => new()
    {
        Set = _folder.File("synthetic.npz"), Against = _folder.File("real.npz"), HeldOut = _folder.File("test.npz"), Output = _folder.File("out"), CopyQuantile = 0.05,
    };

    // Smooth random images: a coarse pattern made large, so that thumbnails differ from image to image.
    private static ImageSet Images(int count, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[count * Side * Side];
        for (var i = 0; i < count; i++)
        {
            var pattern = new byte[16];
            random.NextBytes(pattern);
            for (var p = 0; p < Side * Side; p++)
                pixels[(i * Side * Side) + p] = pattern[(p / Side / 4 * 4) + (p % Side / 4)];
        }

        return new ImageSet("s", pixels, [.. Enumerable.Range(0, count).Select(i => i % Classes)], 1, Side, Side, Classes);
    }

    private static void Copy(ImageSet from, int source, ImageSet to, int target, int noise = 0)
    {
        var random = new Random(target);
        for (var p = 0; p < Side * Side; p++)
            to.Pixels[(target * Side * Side) + p] = (byte)Math.Clamp(from.Image(source)[p] + (noise == 0 ? 0 : random.Next(-noise, noise + 1)), 0, 255);
    }

    private static Picture Enlarged(ImageSet set, int index)
    {
        const int side = Side * 10;
        return new Picture(side, side, 1, [.. Enumerable.Range(0, side * side).Select(p => set.Image(index)[(p / side / 10 * Side) + (p % side / 10)])]);
    }

    private void Write(string name, ImageSet set) => Npz.Write(
        _folder.File(name + ".npz"),
        ("images", NpyArray.Create(set.Pixels, set.Count, Side, Side, 1)), ("labels", NpyArray.Create(Array.ConvertAll(set.Labels, label => (long)label))));
}
