using Sio.Data;
using Sio.Data.Transforms;
using Sio.Training;
using Sio.Training.Objectives;
using Sio.Tests.Training;

namespace Sio.Tests.Data.Transforms;

public sealed class PixMixTests
{
    private static readonly ImageSize s_size = new(3, 6, 5);

    /// <summary>x = 51/255 = 0.2 and y = 204/255 = 0.8; with a = 0.75, b = 0.5: (0.75·(−0.6) + 0.5·0.6 + 1)/2 = 0.425.</summary>
    [Fact]
    public void Adding_is_done_on_the_scale_from_minus_1_to_1()
    {
        var image = new[] { 0.2f, 0.2f, 1f };
        PixelMixing.Add(image, [204, 204, 255], 0.75f, 0.5f);
        Assert.Equal(0.425f, image[0], 1e-6f);
        Assert.Equal(image[0], image[1]);
        Assert.Equal(1f, image[2]); // 1.125, cut off
    }

    /// <summary>0.4² · 1.6^½ / 2 with the same x and y; a negative b of a black pixel gives the largest value there is, which is cut off, and nothing infinite.</summary>
    [Fact]
    public void Multiplying_is_done_on_the_scale_from_0_to_2()
    {
        var image = new[] { 0.2f, 0.2f, 0f, 0.5f };
        PixelMixing.Multiply(image, [204, 0, 0, 255], 2, 0.5f);
        Assert.Equal(0.16f * MathF.Sqrt(1.6f) / 2, image[0], 1e-6f);
        Assert.Equal(0f, image[1], 1e-6f);
        image = [0.2f, 0.2f, 0f];
        PixelMixing.Multiply(image, [204, 0, 0], 1, -0.9f);
        Assert.Equal(0.2f / MathF.Pow(1.6f, 0.9f), image[0], 1e-6f);
        Assert.Equal([1f, 0f], image[1..]);
    }

    [Fact]
    public void Coefficients_are_two_positive_ones_or_one_above_1_and_a_negative_one()
    {
        var random = RandomStream.For(1, "test");
        var draws = Enumerable.Range(0, 4000).Select(_ => PixelMixing.Coefficients(random, 3)).ToArray();
        var positive = draws.Where(pair => pair.B >= 0).ToArray();
        var negative = draws.Where(pair => pair.B < 0).ToArray();
        Assert.InRange(positive.Length, 1850, 2150);
        Assert.All(positive, pair => Assert.InRange(pair.A, 0, 1));
        Assert.All(negative, pair => Assert.InRange(pair.A, 1, 2));
        Assert.All(negative, pair => Assert.InRange(pair.B, -1, 0));
        Assert.Equal(0.75, positive.Average(pair => pair.A), 0.02);
        Assert.Equal(0.25, positive.Average(pair => pair.B), 0.02);
        Assert.Equal(1.25, negative.Average(pair => pair.A), 0.02);
    }

    [Fact]
    public void An_image_is_a_function_of_the_stream_and_lies_in_0_to_1()
    {
        var transform = new PixMixTransform(FractalImages.Make(4, 3, 8, 9, 1), 4, 3, 3, allOperations: true);
        var image = Enumerable.Range(0, s_size.Length).Select(i => (byte)(i * 37)).ToArray();
        float[] first = new float[image.Length], second = new float[image.Length];
        var differ = 0;
        for (var i = 0; i < 300; i++)
        {
            transform.Apply(image, first, s_size, RandomStream.For(1, "test", i));
            Array.Fill(second, float.NaN);
            transform.Apply(image, second, s_size, RandomStream.For(1, "test", i));
            Assert.Equal(first, second);
            Assert.All(first, value => Assert.InRange(value, 0, 1));
            differ += Enumerable.Range(0, image.Length).Any(p => Math.Abs(first[p] - (image[p] / 255f)) > 1e-6) ? 1 : 0;
        }

        // Unchanged with probability ½·⅕ and where an operation does nothing.
        Assert.InRange(differ, 220, 299);
    }

    [Fact]
    public void Without_rounds_the_image_or_one_operation_is_left()
    {
        var set = FractalImages.Make(1, 3, 6, 5, 1);
        var transform = new PixMixTransform(set, 0, 3, 1, allOperations: false);
        var image = Enumerable.Range(0, s_size.Length).Select(i => (byte)(i * 11)).ToArray();
        var result = new float[image.Length];
        var same = 0;
        for (var i = 0; i < 200; i++)
        {
            transform.Apply(image, result, s_size, RandomStream.For(1, "test", i));
            Assert.All(result, value => Assert.Equal(Math.Round(value * 255), value * 255, 1e-4));
            same += result.Zip(image).All(pair => pair.First == pair.Second / 255f) ? 1 : 0;
        }

        Assert.InRange(same, 80, 180);
    }

    /// <summary>With a set of one white and one black picture, both are seen, in pieces of a larger one.</summary>
    [Fact]
    public void Pictures_of_the_set_are_mixed_in()
    {
        var pixels = new byte[2 * 1 * 8 * 8];
        Array.Fill(pixels, (byte)255, 64, 64);
        var set = new ImageSet("set", pixels, [-1, -1], 1, 8, 8, 0);
        var transform = new PixMixTransform(set, 1, 0.2, 1, allOperations: false);
        var image = Enumerable.Repeat((byte)128, 36).ToArray();
        var result = new float[36];
        var means = new List<float>();
        for (var i = 0; i < 200; i++)
        {
            transform.Apply(image, result, new ImageSize(1, 6, 6), RandomStream.For(3, "test", i));
            means.Add(result.Average());
        }

        Assert.Contains(means, mean => mean < 0.2f);
        Assert.Contains(means, mean => mean > 0.8f);
    }

    [Fact]
    public void A_mixing_set_that_is_none_is_refused_before_the_first_step()
    {
        using var folder = new TempFolder();
        var missing = Refused(folder.File("nowhere"));
        Assert.Contains("nowhere' does not exist", missing, StringComparison.Ordinal);
        Assert.Contains("is a folder without pictures", Refused(folder.Path), StringComparison.Ordinal);
        folder.Write("images.npy", NpyEncoder.Encode(new byte[2 * 27 * 28], [2, 27, 28], "u1"));
        Assert.Contains("pictures of 1×27×28", Refused(folder.Path), StringComparison.Ordinal);
        folder.Write("images.npy", NpyEncoder.Encode(new byte[2 * 28 * 28 * 3], [2, 28, 28, 3], "u1"));
        Assert.Contains("1 channels and at least 28×28 were expected", Refused(folder.Path), StringComparison.Ordinal);
        folder.Write("images.npy", NpyEncoder.Encode(Array.Empty<byte>(), [0, 28, 28], "u1"));
        Assert.Contains("holds no images", Refused(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mixing_set_is_a_folder_of_either_kind_and_part_of_a_runs_settings()
    {
        using var folder = new TempFolder();
        using var run = new TempFolder();
        folder.Write("images.npy", NpyEncoder.Encode(Enumerable.Range(0, 2 * 30 * 28).Select(i => (byte)i).ToArray(), [2, 30, 28], "u1"));
        Assert.Equal((2, 30, 28), Size(MixingSet.Load(folder.Path, ToyTraining.Real)));
        ToyTraining.Train(Trainer(folder.Path), run.Path);

        // Other pictures under the same path: another run.
        folder.Write("images.npy", NpyEncoder.Encode(Enumerable.Range(0, 2 * 30 * 28).Select(i => (byte)(i * 3)).ToArray(), [2, 30, 28], "u1"));
        var error = Assert.Throws<DataException>(() => ToyTraining.Train(Trainer(folder.Path), run.Path, resume: true));
        Assert.Contains("images mixed into view 0 differ", error.Message, StringComparison.Ordinal);

        using var other = new TempFolder();
        other.Write("train-images-idx3-ubyte", IdxFiles.Images(3, 28, 28));
        Assert.Equal((3, 28, 28), Size(MixingSet.Load(other.Path, ToyTraining.Real)));
    }

    /// <summary>62×93 grey: the middle 62×62 becomes 31×31, each value the mean of 2×2; colour by luma; in folders of their own.</summary>
    [Fact]
    public void Png_files_of_any_size_and_kind_are_shrunk()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("class"));
        Png.Write(folder.File("b.png"), new Picture(62, 93, 1, [.. Enumerable.Range(0, 62 * 93).Select(i => (byte)((i / 62) + (2 * (i % 62 % 2))))]));
        Png.Write(Path.Combine(folder.File("class"), "c.png"), new Picture(40, 50, 3, [.. Enumerable.Range(0, 40 * 50).SelectMany(_ => new byte[] { 200, 100, 50 })]));
        var set = MixingSet.Load(folder.Path, ToyTraining.Real);
        Assert.Equal((2, 31, 31), Size(set));

        // Rows 15.5 to 77.5 of 93: the first value covers half of row 15, row 16 and half of row 17, and both columns.
        Assert.Equal(17, set.Image(0)[0]);
        Assert.Equal(17 + (2 * 5), set.Image(0)[(5 * 31) + 3]);
        Assert.All(set.Image(1).ToArray(), value => Assert.Equal(Math.Round((0.299 * 200) + (0.587 * 100) + (0.114 * 50)), value));

        Png.Write(folder.File("a.png"), new Picture(31, 30, 1, new byte[31 * 30]));
        Assert.Contains("a.png: is of 30×31", Refused(folder.Path), StringComparison.Ordinal);
        folder.Write("a.png", [1, 2, 3]);
        Assert.Contains("a.png", Refused(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Jpeg_files_count_and_other_formats_are_not_passed_over()
    {
        using var folder = new TempFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", "images", "grey.jpg"), folder.File("small.jpg"));
        Assert.Contains("small.jpg: is of 29×43", Refused(folder.Path), StringComparison.Ordinal);
        folder.Write("picture.tif", [1]);
        Assert.Contains("picture.tif: is an image of a format that is not read", Refused(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        var set = FractalImages.Make(1, 1, 4, 4, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixMixTransform(set, -1, 3, 3, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixMixTransform(set, 4, 0, 3, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixMixTransform(set, 4, 3, 11, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixMixTransform(FractalImages.Make(0, 1, 4, 4, 1), 4, 3, 3, false));
    }

    private static (int Count, int Height, int Width) Size(ImageSet set) => (set.Count, set.Height, set.Width);

    private static Trainer Trainer(string mixingSet) => new(
        ToyTraining.Plan with { Epochs = 1, Objective = new ObjectiveChoice("pixmix", new Dictionary<string, string> { ["mixing_set"] = mixingSet }) },
        "lenet", ToyTraining.Real, ToyTraining.Synthetic);

    private static string Refused(string mixingSet) => Assert.Throws<DataException>(() => Trainer(mixingSet)).Message;
}
