using System.Globalization;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>
/// Whether LibTorch's convolutions are right on this machine: some hundred random ones, with both their gradients, compared with the same in
/// float64, which other code computes. On a machine where they are not, one of them may end the process: run it in a process of its own.
/// </summary>
public static class ConvolutionCheck
{
    /// <summary>How many convolutions a check tries unless told otherwise.</summary>
    public const int DefaultCount = 300;

    /// <summary>
    /// The largest difference that passes, relative to the largest number that the result has or, by its count of terms, is to be expected to
    /// have: rounding of float32 over some ten thousand terms.
    /// </summary>
    public const double Tolerance = 1e-4;

    /// <summary>
    /// The same for bfloat16. Its numbers have two to three decimal digits, and LibTorch's own kernels, which compute where oneDNN does not, also
    /// add in it: up to 2.3 per cent. What the defect of hidden caches makes of it is wrong by a third and more.
    /// </summary>
    public const double BFloat16Tolerance = 0.05;

    /// <summary>Tries the convolutions.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">From which the shapes and numbers follow.</param>
    /// <param name="progress">Called with each shape before it is tried: the last one is the culprit where the process ends.</param>
    /// <exception cref="LibTorchException">LibTorch cannot be used.</exception>
    public static ConvolutionReport Run(int count = DefaultCount, int seed = 1, Action<ConvolutionShape>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        TorchRuntime.Initialize();
        var random = new Random(seed);
        using var generator = new Generator((ulong)seed);
        var wrong = new List<ConvolutionDifference>();
        double worst = 0, worstBFloat16 = 0;
        for (var i = 0; i < count; i++)
        {
            var shape = ConvolutionShape.Draw(random);
            progress?.Invoke(shape);
            foreach (var (part, difference) in Compare(shape, generator))
            {
                if (shape.BFloat16)
                    worstBFloat16 = Math.Max(worstBFloat16, difference);
                else
                    worst = Math.Max(worst, difference);
                // NaN is wrong, too.
                if (!(difference <= (shape.BFloat16 ? BFloat16Tolerance : Tolerance)))
                    wrong.Add(new ConvolutionDifference(shape, part, difference));
            }
        }

        return new ConvolutionReport(count, worst, worstBFloat16, wrong);
    }

    private static (string Part, double Difference)[] Compare(ConvolutionShape shape, Generator generator)
    {
        using var scope = NewDisposeScope();
        var type = shape.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var input = Numbers(type, generator, shape.Images, shape.Inputs, shape.Height, shape.Width);
        var weight = Numbers(type, generator, shape.Outputs, shape.Inputs / shape.Groups, shape.Kernel, shape.Kernel);
        var bias = Numbers(type, generator, shape.Outputs);
        var (output, inputGradient, weightGradient) = Convolve(shape, Arranged(shape, input), Arranged(shape, weight), bias, null, generator, out var direction);
        var (rightOutput, rightInputGradient, rightWeightGradient) = Convolve(
            shape, input.to(ScalarType.Float64), weight.to(ScalarType.Float64), bias.to(ScalarType.Float64), direction.to(ScalarType.Float64), generator, out _);
        return
        [
            ("output", Difference(output, rightOutput, shape.Terms.Output)),
            ("gradient of the input", Difference(inputGradient, rightInputGradient, shape.Terms.InputGradient)),
            ("gradient of the weight", Difference(weightGradient, rightWeightGradient, shape.Terms.WeightGradient)),
        ];
    }

    private static (Tensor Output, Tensor InputGradient, Tensor WeightGradient) Convolve(
        ConvolutionShape shape, Tensor input, Tensor weight, Tensor bias, Tensor? gradient, Generator generator, out Tensor direction)
    {
        var leafs = new List<Tensor> { input.detach().requires_grad_(true), weight.detach().requires_grad_(true) };
        var output = nn.functional.conv2d(
            leafs[0], leafs[1], bias, [shape.Stride, shape.Stride], [shape.Padding, shape.Padding], [shape.Dilation, shape.Dilation], shape.Groups);
        direction = gradient ?? Arranged(shape, Numbers(output.dtype, generator, output.shape));
        var gradients = autograd.grad([output], leafs, [direction]);
        return (output.detach(), gradients[0], gradients[1]);
    }

    private static Tensor Numbers(ScalarType type, Generator generator, params long[] shape) => randn(shape, generator: generator).to(type);

    // The memory's order alone changes, not the tensor's.
    private static Tensor Arranged(ConvolutionShape shape, Tensor tensor) =>
        shape.ChannelsLast ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor;

    // All numbers are drawn from a normal distribution, so a sum of n products is of the size of the root of n; a small one among few sums is
    // chance, and the rounding is that of the large terms.
    private static double Difference(Tensor found, Tensor right, long terms)
    {
        var size = Math.Max(right.abs().max().item<double>(), Math.Sqrt(terms));
        return (found.to(ScalarType.Float64) - right).abs().max().item<double>() / size;
    }
}

/// <summary>What a check of convolutions found.</summary>
/// <param name="Count">How many were tried, each with both its gradients.</param>
/// <param name="Worst">The largest relative difference in float32.</param>
/// <param name="WorstBFloat16">The largest relative difference in bfloat16.</param>
/// <param name="Wrong">What lies beyond the tolerance.</param>
public sealed record ConvolutionReport(int Count, double Worst, double WorstBFloat16, IReadOnlyList<ConvolutionDifference> Wrong)
{
    /// <summary>The report in one line, with the first wrong result where there is one.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count} convolutions with both gradients: {(Wrong.Count == 0 ? "right" : $"{Wrong.Count} results are wrong, first {Wrong[0]}")}; "
        + $"largest difference {Worst:0.0E+0} in float32, {WorstBFloat16:0.0E+0} in bf16");
}

/// <summary>A result of a convolution that is wrong.</summary>
/// <param name="Shape">Which convolution.</param>
/// <param name="Part">Which result: the output or a gradient.</param>
/// <param name="Difference">The largest difference, relative to the largest right number.</param>
public sealed record ConvolutionDifference(ConvolutionShape Shape, string Part, double Difference)
{
    /// <summary>The result in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"the {Part} of {Shape} by {Difference:0.0E+0}");
}
