using Sio.Data;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>One training step as an objective sees it: the batch, the network, and how images count.</summary>
public sealed class ObjectiveStep
{
    private const double SmallestSum = 1e-30;

    /// <summary>The network, in training mode.</summary>
    public required Classifier Network { get; init; }

    /// <summary>[N,C,H,W], normalised, on the network's device: the real images first, then the synthetic ones.</summary>
    public required Tensor Images { get; init; }

    /// <summary>[N] int64, on the network's device.</summary>
    public required Tensor Labels { get; init; }

    /// <summary>How many of the N images are real.</summary>
    public required int RealCount { get; init; }

    /// <summary>Further views of the batch, as many as <see cref="Objective.ExtraViews"/> asks for, each like <see cref="Images"/>.</summary>
    public IReadOnlyList<Tensor> Views { get; init; } = [];

    /// <summary>Auxiliary images [M,C,H,W], augmented and normalised like the batch; null where the objective asks for none.</summary>
    public Tensor? Auxiliary { get; init; }

    /// <summary>Steps before this one.</summary>
    public long Step { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public long TotalSteps { get; init; } = 1;

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs of the whole training.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Random numbers as tensors, on the CPU; seeded by the run and the step, so that a resumed run draws the same.</summary>
    public required Generator Random { get; init; }

    /// <summary>Random numbers one by one; seeded by the run and the step.</summary>
    public required RandomStream Draws { get; init; }

    /// <summary>Share of the target that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The same for synthetic images; as <see cref="LabelSmoothing"/> when null.</summary>
    public double? SyntheticLabelSmoothing { get; init; }

    /// <summary>What each of the N images counts, [N], on the network's device; null where all count alike, which gives the plain mean.</summary>
    public Tensor? Weights { get; init; }

    /// <summary>Whether batch norm sees real and synthetic images apart; its running statistics are then those of the real ones.</summary>
    public bool SeparateBatchNorm { get; init; }

    /// <summary>The smaller type that convolutions and linear layers compute features in; null for float32. Logits and losses are float32 always.</summary>
    public ScalarType? Precision { get; init; }

    /// <summary>N.</summary>
    public int Count => (int)Images.size(0);

    /// <summary>Penultimate features of the batch.</summary>
    public Tensor Features() => Features(Images);

    /// <summary>Penultimate features [rows,D] of images made of the batch, and of others after them, in one pass (batch norm sees them together).</summary>
    /// <param name="images">k·N images: k times the batch, each time in its order. Mixed images count as what the batch has in their place.</param>
    /// <param name="others">Images that are not the batch's, such as <see cref="Auxiliary"/>; they go with the real ones. Null for none.</param>
    public Tensor Features(Tensor images, Tensor? others = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.size(0) % Count != 0)
            throw new ArgumentException($"{images.size(0)} images are no multiple of the batch's {Count}", nameof(images));
        using var precision = Nn.Precision.To(Precision ?? Nn.Precision.Current);
        var features = SeparateBatchNorm && RealCount < Count
            ? SourceBatchNorm.Features(Network, images, Count, RealCount, others)
            : Network.Features(others is null ? images : torch.cat([images, others]));
        return Precision is null ? features : features.to(ScalarType.Float32);
    }

    /// <summary>Logits [rows,C] of features.</summary>
    public Tensor Logits(Tensor features) => Network.Logits(features);

    /// <summary>Mean cross-entropy of logits against labels, a single number: with the step's label smoothing and weights.</summary>
    /// <param name="logits">[k·N,C], k times the batch in its order.</param>
    /// <param name="labels">[k·N], the labels to be learnt.</param>
    /// <param name="from">[N] int64, places in the batch: where each row's label was taken from, which smoothing and weight go with. Null where each row has its own.</param>
    public Tensor CrossEntropy(Tensor logits, Tensor labels, Tensor? from = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        return Weights is null && (SyntheticLabelSmoothing ?? LabelSmoothing) == LabelSmoothing
            ? nn.functional.cross_entropy(logits, labels, label_smoothing: LabelSmoothing)
            : Mean(CrossEntropies(logits, labels, from), from);
    }

    /// <summary>Cross-entropy image by image, [k·N], with the step's label smoothing: (1 − ε)·(−log p_y) + ε·mean_c(−log p_c).</summary>
    /// <inheritdoc cref="CrossEntropy" path="/param"/>
    public Tensor CrossEntropies(Tensor logits, Tensor labels, Tensor? from = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        var logProbabilities = logits.log_softmax(1);
        var plain = -logProbabilities.gather(1, labels.unsqueeze(1)).squeeze(1);
        var synthetic = SyntheticLabelSmoothing ?? LabelSmoothing;
        if (LabelSmoothing == 0 && synthetic == 0)
            return plain;
        var shares = torch.full([Count], LabelSmoothing, dtype: plain.dtype, device: plain.device);
        if (RealCount < Count)
            shares.narrow(0, RealCount, Count - RealCount).fill_(synthetic);
        return plain + (ForRows(shares, from, plain.size(0)) * (-logProbabilities.mean([1]) - plain));
    }

    /// <summary>Mean of something that each image has, a single number: with the step's weights.</summary>
    /// <param name="values">[k·N], k times the batch in its order.</param>
    /// <param name="from">[N] int64, places in the batch: whose weight each value has. Null where each has its own.</param>
    public Tensor Mean(Tensor values, Tensor? from = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Weights is not { } weights)
            return values.mean();
        var all = ForRows(weights, from, values.size(0));

        // Where all weights are 0, nothing is to be learnt: the mean is 0 then, and not NaN.
        return (values * all).sum() / all.sum().clamp(min: SmallestSum);
    }

    private Tensor ForRows(Tensor perImage, Tensor? from, long rows)
    {
        if (rows % Count != 0)
            throw new ArgumentException($"{rows} values are no multiple of the batch's {Count}");
        var once = from is null ? perImage : perImage.index_select(0, from);
        return rows == Count ? once : torch.cat([.. Enumerable.Repeat(once, (int)(rows / Count))]);
    }
}
