using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

public sealed class GeneratorSamplerTests
{
    private const int Whole = 150;

    [Fact]
    public void Bytes_do_not_depend_on_how_a_set_is_cut_into_pieces()
    {
        using var model = Model();
        var whole = Sample(model, 0, Whole);
        Assert.Equal([.. Enumerable.Range(0, Whole).Select(i => i % 2)], whole.Labels);
        Assert.True(whole.Pixels.Distinct().Count() > 30);
        // Pieces that begin and end inside batches of 64, at their edges, and of a single image.
        foreach (var (from, count) in new[] { (0, 64), (64, 64), (63, 2), (1, 149), (100, 50), (149, 1), (0, 1) })
        {
            var piece = Sample(model, from, count);
            Assert.Equal(whole.Labels.Skip(from).Take(count), piece.Labels);
            Assert.Equal(whole.Pixels.AsSpan(from * whole.ImageLength, count * whole.ImageLength).ToArray(), piece.Pixels);
        }
    }

    [Fact]
    public void A_seed_gives_its_own_images_and_sampling_leaves_training_as_it_was()
    {
        using var model = Model();
        var before = TensorCount.Settled();
        var first = Sample(model, 0, 4);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.True(model.Released.training);
        Assert.NotEqual(first.Pixels, new GeneratorSampler(model, 8, CPU).Sample(0, 4).Pixels);
        Assert.Equal(first.Pixels, Sample(model, 0, 4).Pixels);
        Assert.Equal(4, Enumerable.Range(0, 4).Select(i => Convert.ToHexString(first.Image(i))).Distinct().Count());
    }

    // What the fixed batches rest on: within a batch an image's bytes do not depend on the other images.
    [Fact]
    public void An_image_does_not_depend_on_its_neighbours()
    {
        using var model = Model();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.Released.eval();
        (int, int)[] images = [.. Enumerable.Range(0, model.SampleBatch).Select(i => (i % 2, i / 2))];
        (int, int)[] others = [.. images.Select((image, i) => i % 3 == 0 ? image : (1, 1000 + i))];
        var (all, some) = (Make(images), Make(others));
        for (var i = 0; i < images.Length; i++)
            Assert.Equal(i % 3 == 0, all.select(0, i).ToArray<float>().AsSpan().SequenceEqual(some.select(0, i).ToArray<float>()));

        Tensor Make((int Class, int Number)[] wanted) =>
            model.Sample(torch.tensor(((long[])[.. wanted.Select(image => (long)image.Class)])), new SampleNoise(7, wanted, CPU));
    }

    [Fact]
    public void Noise_belongs_to_seed_use_class_and_number()
    {
        using var scope = NewDisposeScope();
        (int, int)[] images = [(0, 0), (1, 0), (0, 1), (0, 0)];
        var rows = new SampleNoise(7, images, CPU).Normal("latent", 2, 3);
        Assert.Equal([4L, 2, 3], rows.shape);
        var values = rows.flatten(1);
        Assert.Equal(Row(values, 0), Row(values, 3));
        Assert.NotEqual(Row(values, 0), Row(values, 1));
        Assert.NotEqual(Row(values, 0), Row(values, 2));
        Assert.Equal(Row(values, 2), Row(new SampleNoise(7, [(0, 1)], CPU).Normal("latent", 6), 0));
        Assert.NotEqual(Row(values, 2), Row(new SampleNoise(7, [(0, 1)], CPU).Normal("other", 6), 0));
        Assert.NotEqual(Row(values, 2), Row(new SampleNoise(8, [(0, 1)], CPU).Normal("latent", 6), 0));
    }

    [Fact]
    public void A_generator_of_broken_weights_is_refused()
    {
        using var model = Model();
        using (no_grad())
            model.Released.parameters().First().fill_(double.NaN);
        Assert.Contains("NaN or infinite", Assert.Throws<DataException>(() => Sample(model, 0, 4)).Message, StringComparison.Ordinal);
    }

    private static float[] Row(Tensor values, long row) => values.select(0, row).ToArray<float>();

    private static ImageSet Sample(GeneratorModel model, long from, int count) => new GeneratorSampler(model, 7, CPU).Sample(from, count);

    private static GeneratorModel Model()
    {
        TorchRuntime.Threads = 1;
        return GeneratorTrainer.NewModel(ToyImages.Settings, GeneratorShape.Of(ToyImages.Set), 3, CPU);
    }
}
