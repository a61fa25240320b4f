using System.Text.Json.Serialization;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation;
using static TorchSharp.torch;

namespace Sio.Experiments.Results;

/// <summary>How far a network's softmax confidence is from its accuracy on labelled images.</summary>
public sealed record CalibrationResults
{
    private const long Piece = 1 << 22;

    /// <summary>Expected calibration error, 15 bins of equal width, 0 to 100; lower is better. <see cref="CalibrationError.Expected"/>.</summary>
    [JsonPropertyName("ece")]
    public required double Ece { get; init; }

    /// <summary>Adaptive calibration error, 15 bins of equal mass, 0 to 100; lower is better. <see cref="CalibrationError.Adaptive"/>.</summary>
    [JsonPropertyName("adaptive_ece")]
    public required double AdaptiveEce { get; init; }

    /// <summary>Mean negative log-likelihood of the labels, in nats, 0 and up; lower is better.</summary>
    [JsonPropertyName("nll")]
    public required double Nll { get; init; }

    /// <summary>Measures a network on an ID set, in pieces: a bank may be larger than memory.</summary>
    /// <param name="bank">At least one image; every label a class.</param>
    /// <exception cref="ArgumentException">There is no image, or a label is no class.</exception>
    public static CalibrationResults Of(FeatureBank bank) => Of(bank, Piece);

    /// <summary>Likewise, reading about so many logits at a time.</summary>
    internal static CalibrationResults Of(FeatureBank bank, long piece)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var (confidences, correct) = (new List<double>(bank.Count), new List<bool>(bank.Count));
        var loss = 0.0;
        var rows = (int)Math.Max(1, piece / Math.Max(1, bank.Logits.size(1)));
        for (var start = 0; start < bank.Count; start += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, bank.Count - start);
            var part = SoftmaxPredictions.FromLogits(bank.Logits.narrow(0, start, count).ToArray<float>(), bank.Labels.AsSpan(start, count));
            confidences.AddRange(part.Confidences);
            correct.AddRange(part.Correct);
            loss += part.NegativeLogLikelihood * count;
        }

        double[] all = [.. confidences];
        bool[] right = [.. correct];
        return new CalibrationResults
        {
            Ece = CalibrationError.Expected(all, right),
            AdaptiveEce = CalibrationError.Adaptive(all, right),
            Nll = loss / bank.Count,
        };
    }
}

/// <summary>The network on one covariate-shifted ID set.</summary>
public sealed record ShiftedResults
{
    /// <summary>Accuracy, 0 to 100; null where the images' labels are not known.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Calibration, likewise.</summary>
    public required CalibrationResults? Calibration { get; init; }
}
