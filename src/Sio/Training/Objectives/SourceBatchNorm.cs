using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// Sends real and synthetic images through a network apart, each normalised by the statistics of its own kind, as AdvProp does with adversarial images (Xie et al. 2020, section 4.1; here
/// scale and shift are shared). Running statistics come from the real images, so that evaluation, which sees real images, has theirs; auxiliary images, with the methods that take some, are among them.
/// </summary>
internal static class SourceBatchNorm
{
    /// <summary>Whether a network has batch norm at all.</summary>
    internal static bool AppliesTo(Classifier network) => Norms(network).Any();

    /// <summary>Features of k·N images, of which in each N the first <paramref name="real"/> are real, and of others, which go with the real ones.</summary>
    internal static Tensor Features(Classifier network, Tensor images, int count, int real, Tensor? others)
    {
        var rows = (int)images.size(0);
        var (first, second) = (new List<long>(rows), new List<long>(rows));
        for (var i = 0; i < rows; i++)
            (i % count < real ? first : second).Add(i);
        var ofSynthetic = Rows(images, second);

        // A batch may have no real images, and nothing that goes with them.
        var realFeatures = (first.Count, others) switch
        {
            (0, null) => null,
            (0, _) => network.Features(others),
            (_, null) => network.Features(Rows(images, first)),
            _ => network.Features(torch.cat([Rows(images, first), others])),
        };
        var norms = Norms(network).Select(norm => (Norm: norm, norm.momentum)).ToArray();
        try
        {
            // Momentum 0 leaves the running statistics as they are.
            foreach (var (norm, _) in norms)
                norm.momentum = 0;
            var syntheticFeatures = network.Features(ofSynthetic);
            if (realFeatures is null)
                return syntheticFeatures;

            // Back into the batch's order.
            var order = new long[rows];
            for (var i = 0; i < first.Count; i++)
                order[first[i]] = i;
            for (var i = 0; i < second.Count; i++)
                order[second[i]] = realFeatures.size(0) + i;
            var otherRows = Enumerable.Range(first.Count, (int)realFeatures.size(0) - first.Count).Select(i => (long)i);
            return Rows(torch.cat([realFeatures, syntheticFeatures]), [.. order, .. otherRows]);
        }
        finally
        {
            foreach (var (norm, momentum) in norms)
                norm.momentum = momentum;
        }
    }

    private static Tensor Rows(Tensor all, List<long> rows) => all.index_select(0, torch.tensor(rows.ToArray(), [rows.Count]).to(all.device));

    private static IEnumerable<BatchNorm2d> Norms(nn.Module module) =>
        module is BatchNorm2d norm ? [norm] : module.named_children().SelectMany(child => Norms(child.module));
}
