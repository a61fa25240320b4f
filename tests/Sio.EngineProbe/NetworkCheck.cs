using System.Globalization;
using Sio.Detection;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.EngineProbe;

/// <summary>
/// Compares each network of the catalogue with itself in float64: features, logits and the gradients of a loss, in both memory layouts, and the forward pass with
/// batch norm folded and in bfloat16.
/// </summary>
internal static class NetworkCheck
{
    private const double Tolerance = 1e-3, BFloat16Tolerance = 0.08;

    // Rounding decides on which side of 0 a few inputs of ReLU lie, and so which gradients pass. What is computed wrong is off by its own size.
    private const double GradientTolerance = 0.02;

    private const int Images = 3, Classes = 5;

    /// <summary>Prints a line for each network and returns how many results are wrong.</summary>
    internal static int Run()
    {
        var wrong = 0;
        foreach (var name in Catalog<Classifier>.Names)
        {
            // Where the process ends, the last line says at which network.
            Console.WriteLine($"trying {name}");
            foreach (var (part, difference, tolerance) in Differences(name))
            {
                var right = difference <= tolerance;
                wrong += right ? 0 : 1;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {part}: {(right ? "right" : "WRONG")}, {difference:0.0E+0}"));
            }
        }

        return wrong;
    }

    /// <summary>The forward pass alone, folded and in bfloat16, of a network for images of 28×28; returns how many results are
    /// wrong.</summary>
    internal static int RunFolded(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = Make(name, new ClassifierShape(1, 28, 28, Classes), memory_format.contiguous_format);
        var images = torch.rand([Images, 1, 28, 28]);
        network.eval();
        using var folded = FoldedClassifier.TryFold(network, EvaluationPrecision.Bf16)!;
        var difference = Difference(folded.Forward(images).Features, network.Features(images).to(ScalarType.Float64));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"folded {difference:0.0E+0}"));
        return difference is > 1e-5 and <= BFloat16Tolerance ? 0 : 1; // not 0, or it would have run in float32
    }

    private static IEnumerable<(string Part, double Difference, double Tolerance)> Differences(string name)
    {
        var side = int.Parse(name[(name.LastIndexOf('x') is >= 0 and var at ? at + 1 : name.Length)..] is { Length: > 0 } digits ? digits : "28", CultureInfo.InvariantCulture);
        var shape = new ClassifierShape(side == 28 ? 1 : 3, side, side, Classes);
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var images = torch.randn([Images, shape.Channels, side, side], generator: generator);
        var labels = torch.arange(0, Images, 1, dtype: ScalarType.Int64);
        using var network = Make(name, shape, memory_format.contiguous_format);
        using var right = Make(name, shape, memory_format.contiguous_format).to(ScalarType.Float64);
        var expected = Step(right, images.to(ScalarType.Float64), labels);
        foreach (var (layout, format) in new[] { ("plain", memory_format.contiguous_format), ("channels_last", memory_format.channels_last) })
        {
            using var own = Make(name, shape, format);
            var found = Step(own, Sio.Engine.TensorMemory.Contiguous(images, format), labels);
            for (var i = 0; i < expected.Count; i++)
                yield return ($"{layout} {expected[i].Name}", Difference(found[i].Value, expected[i].Value), i < 2 ? Tolerance : GradientTolerance);
        }

        // With the same running statistics as the one in float64.
        _ = Step(network, images, labels);
        network.eval();
        right.eval();
        using var noGrad = no_grad();
        var features = right.Features(images.to(ScalarType.Float64));
        foreach (var precision in Enum.GetValues<EvaluationPrecision>())
        {
            using var folded = FoldedClassifier.TryFold(network, precision);
            if (folded is not null)
                yield return ($"folded {precision}", Difference(folded.Forward(images).Features, features), precision == EvaluationPrecision.Bf16 ? BFloat16Tolerance : Tolerance);
        }
    }

    private static Classifier Make(string name, ClassifierShape shape, memory_format format)
    {
        using var generator = new Generator(2);
        var network = Catalog<Classifier>.Create(name, shape, generator);
        if (format == memory_format.channels_last)
            network.ToMemoryFormat(format);
        return network;
    }

    private static List<(string Name, Tensor Value)> Step(Classifier network, Tensor images, Tensor labels)
    {
        network.train();
        var features = network.Features(images);
        var logits = network.Logits(features);
        nn.functional.cross_entropy(logits, labels).backward();
        return
        [
            ("features", features.detach()), ("logits", logits.detach()),
            .. network.named_parameters().Where(entry => entry.parameter.grad is not null).Select(entry => ($"gradient of {entry.name}", entry.parameter.grad!)),
        ];
    }

    // By norms: of many numbers the largest error of one would be chance.
    private static double Difference(Tensor found, Tensor right)
    {
        var error = linalg.vector_norm((found.to(ScalarType.Float64) - right).flatten()).ToDouble();
        return error / Math.Max(linalg.vector_norm(right.flatten()).ToDouble(), 1e-12);
    }
}
