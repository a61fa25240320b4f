using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class CrossEntropyTests
{
    [Fact]
    public void Cross_entropy_and_its_gradient_are_the_reference()
    {
        using var scope = NewDisposeScope();
        var fixture = TorchFixtures.Fixture("training.json");
        var rows = fixture.GetProperty("inputs").GetProperty("logits").EnumerateArray().Select(row => row.Doubles()).ToArray();
        var target = fixture.GetProperty("inputs").GetProperty("target").Longs();
        var expected = fixture.GetProperty("cross_entropy");
        var logits = torch.tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
        logits.requires_grad = true;
        var loss = nn.functional.cross_entropy(logits, torch.tensor(target));
        loss.backward();
        Assert.Equal(expected.GetProperty("value").GetDouble(), loss.ToDouble(), 13);
        var gradient = expected.GetProperty("grad_logits").EnumerateArray().SelectMany(row => row.Doubles()).ToArray();
        TorchFixtures.Near(gradient, logits.grad!.ToArray<double>(), 1e-15);
    }
}
