using System.ComponentModel.DataAnnotations;
using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// Learnt confidence (DeVries &amp; Taylor 2018, "Learning Confidence for Out-of-Distribution Detection in Neural Networks", eq. 2 to 5): a second output c = sigmoid(v·f + a) says how sure the
/// network is of an image. For half of the images, drawn at random, the probabilities p are moved towards the label as far as it is not, p′ = c·p + (1 − c)·y; the loss is the cross-entropy of p′ plus
/// λ·mean(−log c), the price of hints.
/// </summary>
/// <remarks>
/// The budget rule of section 2.3 keeps mean(−log c) near β: after each step λ grows by 1/0.99 where the price was above, and shrinks by 1.01 where it was below. β = 0.3 and λ = 0.1 at first are
/// the authors' and OpenOOD's. Computed with logarithms throughout, so that nothing needs the bounds of 10⁻¹² that the authors' code sets.
/// </remarks>
[CatalogEntry("conf_branch", "a learnt confidence that may ask for hints at a price", Paper = "DeVries & Taylor 2018")]
[DefaultsFrom("the authors' code and OpenOOD")]
public sealed class ConfidenceBranch : Objective
{
    private const string PriceName = "lambda";

    private const double Shrink = 1.01, Grow = 0.99;

    private Linear? _confidence;

    /// <summary>β.</summary>
    [Describe("Budget beta: what mean(-log c) is kept near to.")]
    [Range(0.0, 1e3)]
    public double Budget { get; init; } = 0.3;

    /// <summary>λ at first.</summary>
    [Describe("Price lambda of hints at first; the budget rule changes it.")]
    [Range(1e-9, 1e6)]
    public double Lambda { get; init; } = 0.1;

    /// <inheritdoc/>
    public override string OwnDetector => "conf_branch";

    /// <summary>λ now.</summary>
    public double Price => _confidence is null ? Lambda : PriceTensor.ToScalar().ToDouble();

    private Tensor PriceTensor => Layers.get_buffer(PriceName)!;

    /// <summary>The confidence's logit [N] of features [N,D]: c = sigmoid of it.</summary>
    public Tensor ConfidenceLogit(Tensor features) =>
        (_confidence ?? throw new InvalidOperationException($"{Name} belongs to no network yet")).call(features).squeeze(1);

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        _confidence = Layers.Register("confidence", new Linear(network.FeatureSize, 1, generator: generator));
        Layers.RegisterBuffer(PriceName, torch.full([], Lambda, dtype: ScalarType.Float32));
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features();
        var (logits, confidence) = (step.Logits(features), ConfidenceLogit(features));
        var hinted = torch.randint(0, 2, [step.Count], dtype: ScalarType.Int64, generator: step.Random).to(logits.device).eq(1);

        // Logarithms of probabilities are logits of themselves.
        var classes = step.CrossEntropy(Hinted(logits, confidence, step.Labels, hinted), step.Labels);
        var asked = step.Mean(MinusLog(confidence));
        var loss = classes + (asked * PriceTensor.clone());
        Follow(asked.detach());
        return new ObjectiveLoss(loss, logits) { Parts = [("cross_entropy", classes), ("confidence", asked)] };
    }

    /// <summary>log p′ [N,C] of logits [N,C], the confidence's logits [N], labels [N] and who gets hints [N].</summary>
    internal static Tensor Hinted(Tensor logits, Tensor confidence, Tensor labels, Tensor hinted)
    {
        var plain = logits.log_softmax(1);
        var kept = plain - MinusLog(confidence).unsqueeze(1);
        var helped = torch.logaddexp(kept, -MinusLog(-confidence).unsqueeze(1));
        var given = torch.where(nn.functional.one_hot(labels, logits.size(1)).eq(1), helped, kept);
        return torch.where(hinted.unsqueeze(1), given, plain);
    }

    /// <summary>−log sigmoid(t).</summary>
    internal static Tensor MinusLog(Tensor logit) => nn.functional.softplus((-logit));

    private void Follow(Tensor asked)
    {
        using var noGrad = no_grad();
        PriceTensor.mul_(torch.where(asked.lt(Budget), torch.full([], 1 / Shrink, dtype: ScalarType.Float32, device: asked.device), torch.full([], 1 / Grow, dtype: ScalarType.Float32, device: asked.device)));
    }
}
