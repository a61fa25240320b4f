using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Torch;

namespace Sio.Tests.Generation.Diffusion;

public sealed class UNetTests
{
    private static readonly DiffusionSettings s_small = new() { Channels = 4, Widths = [1, 2], Blocks = 1, Augment = [DiffusionAugmentation.Flip] };

    [Theory]
    [InlineData(28, 28, "28×28 14×14 7×7")]
    [InlineData(32, 32, "32×32 16×16 8×8")]
    [InlineData(36, 36, "36×36 18×18 9×9")]
    [InlineData(40, 40, "40×40 20×20 10×10")]
    [InlineData(64, 64, "64×64 32×32 16×16 8×8")]
    [InlineData(28, 32, "28×32 14×16 7×8")]
    [InlineData(8, 8, "8×8 4×4")]
    public void Levels_go_down_to_seven_or_more(int height, int width, string expected) =>
        Assert.Equal(expected, string.Join(' ', UNet.Levels(new GeneratorShape(1, height, width, 2)).Select(level => $"{level.Height}×{level.Width}")));

    [Theory]
    [InlineData(1, 28, 28)]
    [InlineData(3, 32, 32)]
    [InlineData(3, 28, 28)]
    [InlineData(1, 64, 64)]
    [InlineData(3, 44, 28)]
    public void What_comes_out_has_the_shape_of_what_went_in_and_is_zero_at_first(int channels, int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        using var network = New(new GeneratorShape(channels, height, width, 3), s_small);
        var input = Images(2, channels, height, width);
        var output = Run(network, input);
        Assert.Equal(input.Shape, output.Shape);
        Assert.Equal(0, output.Abs().Max().Item().ToDouble());
        ToyDiffusion.Randomise(network);
        Assert.InRange(Run(network, input).Abs().Max().Item().ToDouble(), 1e-3, 1e6);
    }

    [Fact]
    public void Enlarging_is_bilinear_and_halving_takes_means()
    {
        using var scope = new TensorScope();
        var images = Images(2, 3, 5, 4);
        Assert.InRange(ToyDiffusion.Largest(Resampling.Double.Apply(images), images.UpsampleBilinear2d(2)), 0, 1e-6);
        Assert.Equal([2.5f], Resampling.Halve.Apply(Tensor.From<float>([1, 2, 3, 4], 1, 1, 2, 2)).ToArray<float>());
        Assert.True(Resampling.None.Apply(images).IsSame(images));
    }

    [Fact]
    public void Attention_is_where_images_are_small()
    {
        using var network = New(new GeneratorShape(1, 28, 28, 2), s_small);
        var names = network.NamedParameters().Select(entry => entry.Name).Where(name => name.EndsWith("attention.qkv.weight", StringComparison.Ordinal));
        // down1 is at 28, down2 halves, down3 is at 14, down4 halves, down5 is at 7; up1 and up2 at 7, up3 doubles, up4 and up5 at 14, up6 doubles, up7 and up8 at 28.
        Assert.Equal(["down3", "down5", "middle1", "up1", "up2", "up4", "up5"], names.Select(name => name.Split('.')[1]));
        using var odd = New(new GeneratorShape(1, 100, 100, 2), s_small);
        Assert.Equal(
            ["down5", "middle1", "up1", "up2"], odd.NamedParameters().Where(entry => entry.Name.EndsWith("attention.qkv.weight", StringComparison.Ordinal)).Select(entry => entry.Name.Split('.')[1]));
    }

    [Fact]
    public void Noise_class_and_augmentation_matter_and_neighbours_do_not()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        using var network = New(new GeneratorShape(1, 8, 8, 3), s_small);
        ToyDiffusion.Randomise(network);
        var input = Images(2, 1, 8, 8);
        var output = Run(network, input);
        var single = network.Forward(input.Narrow(0, 1, 1), Tensor.From<float>([0.5f]), Tensor.From<long>([3]));
        Assert.InRange(ToyDiffusion.Largest(output.Narrow(0, 1, 1), single), 0, 1e-4);
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, noise: -0.5f)), 1e-4, 1e6);
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, label: 1)), 1e-4, 1e6);
        Assert.True(output.ValuesEqual(Run(network, input, augmentation: Tensor.Zeros([2, 1]))));
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, augmentation: Tensor.Ones([2, 1]))), 1e-4, 1e6);
        // A pixel in one corner reaches the other.
        var changed = input.Clone();
        changed.Narrow(2, 0, 1).Narrow(3, 0, 1).Fill_(3);
        Assert.InRange(ToyDiffusion.Largest(output.Narrow(2, 7, 1).Narrow(3, 7, 1), Run(network, changed).Narrow(2, 7, 1).Narrow(3, 7, 1)), 1e-7, 1e6);
    }

    [Fact]
    public void Dropout_draws_from_the_generator_it_is_given_and_from_none_otherwise()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        using var network = New(new GeneratorShape(1, 8, 8, 3), s_small with { Dropout = 0.5 });
        ToyDiffusion.Randomise(network);
        var input = Images(2, 1, 8, 8);
        var plain = Run(network, input);
        var first = Dropped(1);
        Assert.InRange(ToyDiffusion.Largest(plain, first), 1e-4, 1e6);
        Assert.True(first.ValuesEqual(Dropped(1)));
        Assert.False(first.ValuesEqual(Dropped(2)));
        Assert.True(plain.ValuesEqual(Run(network, input)));

        Tensor Dropped(ulong seed)
        {
            using var random = new Generator(seed);
            network.DropWith(random);
            var output = Run(network, input);
            network.DropWith(null);
            return output;
        }
    }

    [Fact]
    public void Mixed_precision_gives_about_the_same_and_leaves_the_weights_in_float32()
    {
        using var scope = new TensorScope();
        using var network = New(new GeneratorShape(1, 8, 8, 3), s_small);
        using var mixed = New(new GeneratorShape(1, 8, 8, 3), s_small with { Precision = DiffusionPrecision.Bf16 });
        ToyDiffusion.Randomise(network);
        ToyDiffusion.Randomise(mixed);
        var input = Images(2, 1, 8, 8);
        var (exact, rounded) = (Run(network, input), Run(mixed, input));
        Assert.Equal(DType.Float32, rounded.DType);
        Assert.InRange(ToyDiffusion.Largest(exact, rounded) / exact.Abs().Max().Item().ToDouble(), 1e-6, 0.1);
        rounded.Square().Mean().Backward();
        Assert.All(mixed.NamedParameters().Where(entry => !entry.Name.Contains("augmentation", StringComparison.Ordinal)), entry =>
        {
            Assert.Equal(DType.Float32, entry.Value.DType);
            Assert.Equal(DType.Float32, entry.Value.Grad!.DType);
        });
    }

    [Fact]
    public void The_memory_order_changes_no_value()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        var shape = new GeneratorShape(3, 28, 28, 3);
        using var network = New(shape, s_small);
        using var last = New(shape, s_small with { ChannelsLast = true });
        var weight = last.NamedParameters().Single(entry => entry.Name == "unet.down1.conv1.weight").Value;
        Assert.True(weight.IsContiguous(MemoryFormat.ChannelsLast));
        MovingAverage.Copy(last, network);
        ToyDiffusion.Randomise(network);
        MovingAverage.Copy(last, network);
        Assert.True(weight.IsContiguous(MemoryFormat.ChannelsLast));
        var input = Images(2, 3, 28, 28);
        var output = Run(network, input);
        Assert.InRange(ToyDiffusion.Largest(output, Run(last, input)) / output.Abs().Max().Item().ToDouble(), 0, 1e-4);
    }

    private static DenoisingNetwork New(GeneratorShape shape, DiffusionSettings settings)
    {
        using var generator = new Generator(1);
        return new DenoisingNetwork(shape, settings, generator);
    }

    private static Tensor Images(int count, int channels, int height, int width)
    {
        using var generator = new Generator(2);
        return Tensor.Randn([count, channels, height, width], generator);
    }

    private static Tensor Run(DenoisingNetwork network, Tensor input, float noise = 0.5f, long label = 3, Tensor? augmentation = null) =>
        network.Forward(input, Tensor.From<float>([noise, noise]), Tensor.From<long>([label, label]), augmentation);
}
