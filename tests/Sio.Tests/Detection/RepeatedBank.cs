using Sio.Detection;
using TorchSharp;

namespace Sio.Tests.Detection;

/// <summary>A bank several times over: longer than the blocks of 2,048 rows that detectors work in, and with means and distributions that are the same.</summary>
internal static class RepeatedBank
{
    /// <summary>The caller disposes it.</summary>
    internal static FeatureBank Of(FeatureBank bank, int times) => new(
        $"{bank.Name} {times} times", torch.cat([.. Enumerable.Repeat(bank.Features, times)]), torch.cat([.. Enumerable.Repeat(bank.Logits, times)]),
        [.. Enumerable.Repeat(bank.Labels, times).SelectMany(labels => labels)]);
}
