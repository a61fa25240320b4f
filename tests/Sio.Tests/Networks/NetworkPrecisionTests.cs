using Sio.Networks;
using Sio.Tests.Engine;

namespace Sio.Tests.Networks;

/// <summary>On this machine, with this LibTorch, networks compute what float64 gives.</summary>
public sealed class NetworkPrecisionTests
{
    [Fact]
    public void Every_network_and_its_gradients_agree_with_float64()
    {
        var outcome = Probe.Run("networks").Succeeded();
        foreach (var name in Catalog<Classifier>.Names)
        {
            Assert.Contains(outcome.Lines, line => line.StartsWith($"{name} plain gradient of ", StringComparison.Ordinal));
            Assert.Contains(outcome.Lines, line => line.StartsWith($"{name} channels_last logits", StringComparison.Ordinal));
            Assert.Contains(outcome.Lines, line => line.StartsWith($"{name} folded Bf16", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(outcome.Lines, line => line.Contains("WRONG", StringComparison.Ordinal));
    }

    // What oneDNN is told by this variable is what it finds on such a CPU.
    [Theory]
    [InlineData("resnet8_28x28")]
    [InlineData("resnet18_32x32")]
    public void Bf16_evaluates_on_a_CPU_without_16_bit_instructions_too(string name) =>
        _ = Probe.RunWith([("ONEDNN_MAX_CPU_ISA", "AVX2")], "folded", name).Succeeded();
}
