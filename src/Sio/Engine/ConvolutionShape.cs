using System.Globalization;

namespace Sio.Engine;

/// <summary>One convolution to try: its sizes, its layout in memory, its precision.</summary>
/// <param name="Images">Images in the batch.</param>
/// <param name="Inputs">Channels that go in.</param>
/// <param name="Outputs">Channels that come out.</param>
/// <param name="Groups">Groups of channels that are convolved by themselves.</param>
/// <param name="Height">Height of the images.</param>
/// <param name="Width">Width of the images.</param>
/// <param name="Kernel">Side of the kernel.</param>
/// <param name="Stride">Step between its places.</param>
/// <param name="Padding">Zeros around each image.</param>
/// <param name="Dilation">Step between the kernel's weights.</param>
/// <param name="ChannelsLast">Whether the channels of a pixel lie side by side in memory.</param>
/// <param name="BFloat16">Whether numbers have 16 bits (bfloat16) in place of 32.</param>
public sealed record ConvolutionShape(
    int Images, int Inputs, int Outputs, int Groups, int Height, int Width, int Kernel, int Stride, int Padding, int Dilation, bool ChannelsLast, bool BFloat16)
{
    // What one convolution may cost, in multiplications: hundreds of them are to take seconds, and float64 is slow.
    private const long MostWork = 8_000_000;

    /// <summary>A random shape of the kinds that image classifiers and generators have.</summary>
    internal static ConvolutionShape Draw(Random random)
    {
        while (true)
        {
            var groups = Pick(random, 1, 1, 1, 1, 2, 4, 0);
            var inputs = Pick(random, 1, 3, 8, 16, 24, 32, 48, 64, 96, 128, 256);
            var outputs = Pick(random, 1, 4, 10, 16, 24, 32, 64, 100, 128, 256);
            if (groups == 0)
                (groups, outputs) = (inputs, inputs); // one channel each
            var kernel = Pick(random, 1, 1, 3, 3, 3, 4, 5, 7);
            var shape = new ConvolutionShape(
                Pick(random, 1, 2, 3, 8, 16, 32), inputs, outputs, groups, random.Next(1, 33), random.Next(1, 33), kernel,
                Pick(random, 1, 1, 2), random.Next(0, (kernel / 2) + 1), Pick(random, 1, 1, 1, 2), random.Next(2) == 1, random.Next(3) == 0);
            if (inputs % groups == 0 && outputs % groups == 0 && shape is { OutputHeight: > 0, OutputWidth: > 0, Work: <= MostWork }
                && !(shape.ChannelsLast && BreaksInChannelsLast(inputs / groups, kernel, shape.Stride)))
            {
                return shape;
            }
        }
    }

    /// <summary>
    /// Whether oneDNN of LibTorch 2.10 overwrites memory that is not its own in the gradient of such a convolution's weight, where channels of a
    /// pixel lie side by side: with a kernel of one pixel, a stride and fewer than 16 channels, where several threads share a batch that they
    /// do not divide. Seen on a CPU with AVX-512 that hides nothing. In the plain layout these are right.
    /// </summary>
    /// <param name="inputs">Channels that go into a group.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Step between its places.</param>
    public static bool BreaksInChannelsLast(long inputs, long kernel, long stride) => kernel == 1 && stride > 1 && inputs < 16;

    /// <summary>How many products are summed up in a number of the output, of the input's gradient, of the weight's gradient.</summary>
    internal (long Output, long InputGradient, long WeightGradient) Terms =>
        ((long)Inputs / Groups * Kernel * Kernel, (long)Outputs / Groups * Kernel * Kernel, (long)Images * OutputHeight * OutputWidth);

    private int OutputHeight => Steps(Height);

    private int OutputWidth => Steps(Width);

    private long Work => (long)Images * Outputs * OutputHeight * OutputWidth * (Inputs / Groups) * Kernel * Kernel;

    /// <summary>The shape in one line, e.g. <c>float32 8×64×16×16, 128 outputs, kernel 3×3, stride 2, padding 1, channels last</c>.</summary>
    public override string ToString()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{(BFloat16 ? "bf16" : "float32")} {Images}×{Inputs}×{Height}×{Width}, {Outputs} outputs, kernel {Kernel}×{Kernel}, stride {Stride}, padding {Padding}");
        return text + (Dilation > 1 ? $", dilation {Dilation}" : "") + (Groups > 1 ? $", {Groups} groups" : "") + (ChannelsLast ? ", channels last" : "");
    }

    private int Steps(int side) => side + (2 * Padding) < (Dilation * (Kernel - 1)) + 1 ? 0 : ((side + (2 * Padding) - (Dilation * (Kernel - 1)) - 1) / Stride) + 1;

    private static int Pick(Random random, params ReadOnlySpan<int> values) => values[random.Next(values.Length)];
}
