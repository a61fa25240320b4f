using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>What the methods that mix images of a batch have in common.</summary>
internal static class Mixing
{
    /// <summary>Places of a batch in random order, [N] int64 on the batch's device: whom each image is mixed with.</summary>
    internal static Tensor Partners(ObjectiveStep step) =>
        torch.tensor(Array.ConvertAll(step.Draws.Permutation(step.Count), place => (long)place), [step.Count]).to(step.Images.device);

    /// <summary>λ·a + (1 − λ)·b, both [N,C,H,W].</summary>
    internal static Tensor Blend(Tensor images, Tensor others, double share) => (images * share) + (others * (1 - share));

    /// <summary>Draws a box for a share λ that is to stay, its centre anywhere, and pastes the others' content there.</summary>
    /// <returns>[N,C,H,W], new memory, and the share that stays in truth.</returns>
    internal static (Tensor Images, double Share) Cut(Tensor images, Tensor others, double share, RandomStream draws)
    {
        int height = (int)images.size(2), width = (int)images.size(3);
        var box = CutBox.Around(draws.NextInt(height), draws.NextInt(width), height, width, share);
        var mixed = images.clone();
        if (box.Area > 0)
            Inside(mixed, box).copy_(Inside(others, box));
        return (mixed, box.Remaining(height, width));
    }

    /// <summary>
    /// λ·CE(z, y) + (1 − λ)·CE(z, y′), which is the cross-entropy against labels mixed in that proportion. Each label counts, and is smoothed, as the image that it came with: an image of weight 0
    /// teaches its label nowhere.
    /// </summary>
    internal static Tensor CrossEntropy(ObjectiveStep step, Tensor logits, Tensor partners, double share) =>
        (step.CrossEntropy(logits, step.Labels) * share) + (step.CrossEntropy(logits, step.Labels.index_select(0, partners), partners) * (1 - share));

    private static Tensor Inside(Tensor images, CutBox box) => images.narrow(2, box.Top, box.Bottom - box.Top).narrow(3, box.Left, box.Right - box.Left);
}
