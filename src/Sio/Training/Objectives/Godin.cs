using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>How G-ODIN compares features f with the weights w_c of a class.</summary>
public enum GodinHead
{
    /// <summary>f·w_c / (‖f‖ ‖w_c‖).</summary>
    Cosine,

    /// <summary>f·w_c + b_c.</summary>
    Inner,

    /// <summary>−mean_j (f_j − w_cj)².</summary>
    Euclid,
}

/// <summary>
/// G-ODIN (Hsu et al. 2020, "Generalized ODIN: Detecting Out-of-distribution Image without Learning from Out-of-distribution Data", section 3): logits h(x)/g(x), trained with cross-entropy. The
/// numerator h says how near the features are to each class, the divisor g = sigmoid(BN(v·f + a)) how far the image is believed to be in distribution.
/// </summary>
/// <remarks>
/// h takes weight and bias from the network's last layer, g is the objective's own. As in OpenOOD's network, lengths get 10⁻⁴ added before they divide, the Euclidean head takes the mean of
/// the squared differences, weights start from a normal distribution of variance 2/D (He et al. 2015) and do not decay; cosine and Euclidean heads have no bias, so that the last
/// layer's stays 0. <c>synthetic.separate_batch_norm</c> concerns the network's layers, not the one in g. The head's learning rate follows the recipe's schedule, as in the paper (OpenOOD's never falls, as its schedule is given the other parameters a second time). g is kept above 10⁻¹², where
/// float32 would make a logit infinite.
/// </remarks>
[CatalogEntry("godin", "G-ODIN: likeness to each class, divided by a learnt belief that the image is in distribution", Paper = "Hsu et al. 2020")]
[DefaultsFrom("OpenOOD and SIO, for CIFAR")]
public sealed class Godin : Objective, ILogitHead
{
    private const double LengthEps = 1e-4, SmallestDivisor = 1e-12;

    private readonly HashSet<string> _headNames = new(StringComparer.Ordinal);
    private Linear? _last, _g;
    private BatchNorm1d? _norm;

    /// <summary>h.</summary>
    [Describe("Likeness of features and class: cosine, inner (product) or euclid.")]
    public GodinHead Head { get; init; } = GodinHead.Cosine;

    /// <inheritdoc/>
    public override string OwnDetector => "godin";

    /// <inheritdoc/>
    public override bool Decays(string parameter) => !_headNames.Contains(parameter);

    /// <summary>The numerators h [N,C] of features [N,D].</summary>
    public Tensor Numerator(Tensor features)
    {
        var last = _last ?? throw new InvalidOperationException($"{Name} belongs to no network yet");
        return Numerator(Head, features, last.weight, last.bias);
    }

    /// <summary>The divisor g [N,1] of features [N,D]; from 10⁻¹² to 1.</summary>
    public Tensor Divisor(Tensor features)
    {
        if (_g is null || _norm is null)
            throw new InvalidOperationException($"{Name} belongs to no network yet");
        return _norm.call(_g.call(features)).sigmoid().clamp(min: SmallestDivisor);
    }

    /// <summary>h/g, [N,C].</summary>
    /// <inheritdoc cref="ILogitHead.Logits" path="/param"/>
    public Tensor Logits(Linear last, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(last);
        ArgumentNullException.ThrowIfNull(features);
        return Numerator(Head, features, last.weight, last.bias) / Divisor(features);
    }

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        _last = network.Head;
        _g = Layers.Register("g", new Linear(network.FeatureSize, 1, generator: generator));
        _norm = Layers.Register("norm", new BatchNorm1d(1));
        using var noGrad = no_grad();
        _last.weight.normal_(0, Math.Sqrt(2.0 / network.FeatureSize), generator: generator);
        _last.bias?.zero_();
        foreach (var (name, value) in network.named_parameters())
        {
            if (ReferenceEquals(value, _last.weight) || ReferenceEquals(value, _last.bias))
                _headNames.Add($"network.{name}");
        }
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }

    /// <summary>h of features [N,D], weights [C,D] and, for the inner product, a bias [C].</summary>
    private static Tensor Numerator(GodinHead head, Tensor features, Tensor weight, Tensor? bias)
    {
        switch (head)
        {
            case GodinHead.Cosine:
                return nn.functional.linear(OfUnitLength(features), OfUnitLength(weight));
            case GodinHead.Inner:
                return nn.functional.linear(features, weight, bias);
            default:
                // Multiplied out, so that no tensor [N,C,D] is made.
                var squares = features.square().sum(1, keepdim: true) + weight.square().sum(1);
                return ((nn.functional.linear(features, weight) * 2) - squares) / features.size(1);
        }
    }

    private static Tensor OfUnitLength(Tensor vectors) => vectors / (linalg.vector_norm(vectors, dims: [1], keepdim: true) + LengthEps);
}
