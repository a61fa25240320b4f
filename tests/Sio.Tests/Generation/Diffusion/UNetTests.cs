using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

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
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = New(new GeneratorShape(channels, height, width, 3), s_small);
        var input = Images(2, channels, height, width);
        var output = Run(network, input);
        Assert.Equal(input.shape, output.shape);
        Assert.Equal(0, output.abs().max().ToDouble());
        ToyDiffusion.Randomise(network);
        Assert.InRange(Run(network, input).abs().max().ToDouble(), 1e-3, 1e6);
    }

    [Fact]
    public void Enlarging_is_bilinear_and_halving_takes_means()
    {
        using var scope = NewDisposeScope();
        var images = Images(2, 3, 5, 4);
        Assert.InRange(ToyDiffusion.Largest(Resampling.Double.Apply(images), nn.functional.interpolate(images, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)), 0, 1e-6);
        Assert.Equal([2.5f], Resampling.Halve.Apply(torch.tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2])).ToArray<float>());
        Assert.Same(images, Resampling.None.Apply(images));
    }

    [Fact]
    public void Attention_is_where_images_are_small()
    {
        using var network = New(new GeneratorShape(1, 28, 28, 2), s_small);
        var names = network.named_parameters().Select(entry => entry.name).Where(name => name.EndsWith("attention.qkv.weight", StringComparison.Ordinal));
        // down1 is at 28, down2 halves, down3 is at 14, down4 halves, down5 is at 7; up1 and up2 at 7, up3 doubles, up4 and up5 at 14, up6 doubles, up7 and up8 at 28.
        Assert.Equal(["down3", "down5", "middle1", "up1", "up2", "up4", "up5"], names.Select(name => name.Split('.')[1]));
        using var odd = New(new GeneratorShape(1, 100, 100, 2), s_small);
        Assert.Equal(
            ["down5", "middle1", "up1", "up2"], odd.named_parameters().Where(entry => entry.name.EndsWith("attention.qkv.weight", StringComparison.Ordinal)).Select(entry => entry.name.Split('.')[1]));
    }

    [Fact]
    public void Noise_class_and_augmentation_matter_and_neighbours_do_not()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = New(new GeneratorShape(1, 8, 8, 3), s_small);
        ToyDiffusion.Randomise(network);
        var input = Images(2, 1, 8, 8);
        var output = Run(network, input);
        var single = network.Forward(input.narrow(0, 1, 1), torch.tensor(new float[] { 0.5f }), torch.tensor(new long[] { 3 }));
        Assert.InRange(ToyDiffusion.Largest(output.narrow(0, 1, 1), single), 0, 1e-4);
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, noise: -0.5f)), 1e-4, 1e6);
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, label: 1)), 1e-4, 1e6);
        Assert.True(output.ValuesEqual(Run(network, input, augmentation: torch.zeros([2, 1]))));
        Assert.InRange(ToyDiffusion.Largest(output, Run(network, input, augmentation: torch.ones([2, 1]))), 1e-4, 1e6);
        // A pixel in one corner reaches the other.
        var changed = input.clone();
        changed.narrow(2, 0, 1).narrow(3, 0, 1).fill_(3);
        Assert.InRange(ToyDiffusion.Largest(output.narrow(2, 7, 1).narrow(3, 7, 1), Run(network, changed).narrow(2, 7, 1).narrow(3, 7, 1)), 1e-7, 1e6);
    }

    [Fact]
    public void Dropout_draws_from_the_generator_it_is_given_and_from_none_otherwise()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
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
        using var scope = NewDisposeScope();
        using var network = New(new GeneratorShape(1, 8, 8, 3), s_small);
        using var mixed = New(new GeneratorShape(1, 8, 8, 3), s_small with { Precision = DiffusionPrecision.Bf16 });
        ToyDiffusion.Randomise(network);
        ToyDiffusion.Randomise(mixed);
        var input = Images(2, 1, 8, 8);
        var (exact, rounded) = (Run(network, input), Run(mixed, input));
        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange(ToyDiffusion.Largest(exact, rounded) / exact.abs().max().ToDouble(), 1e-6, 0.1);
        rounded.square().mean().backward();
        Assert.All(mixed.named_parameters().Where(entry => !entry.name.Contains("augmentation", StringComparison.Ordinal)), entry =>
        {
            Assert.Equal(ScalarType.Float32, entry.parameter.dtype);
            Assert.Equal(ScalarType.Float32, entry.parameter.grad!.dtype);
        });
    }

    [Fact]
    public void The_memory_order_changes_no_value()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var shape = new GeneratorShape(3, 28, 28, 3);
        using var network = New(shape, s_small);
        using var last = New(shape, s_small with { ChannelsLast = true });
        var weight = last.named_parameters().Single(entry => entry.name == "unet.down1.conv1.weight").parameter;
        Assert.True(TensorMemory.IsContiguous(weight, memory_format.channels_last));
        MovingAverage.Copy(last, network);
        ToyDiffusion.Randomise(network);
        MovingAverage.Copy(last, network);
        Assert.True(TensorMemory.IsContiguous(weight, memory_format.channels_last));
        var input = Images(2, 3, 28, 28);
        var output = Run(network, input);
        Assert.InRange(ToyDiffusion.Largest(output, Run(last, input)) / output.abs().max().ToDouble(), 0, 1e-4);
    }

    private static DenoisingNetwork New(GeneratorShape shape, DiffusionSettings settings)
    {
        using var generator = new Generator(1);
        return new DenoisingNetwork(shape, settings, generator);
    }

    private static Tensor Images(int count, int channels, int height, int width)
    {
        using var generator = new Generator(2);
        return torch.randn([count, channels, height, width], generator: generator);
    }

    private static Tensor Run(DenoisingNetwork network, Tensor input, float noise = 0.5f, long label = 3, Tensor? augmentation = null) =>
        network.Forward(input, torch.tensor(new float[] { noise, noise }), torch.tensor(new long[] { label, label }), augmentation);
}
