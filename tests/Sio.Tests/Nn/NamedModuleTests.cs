using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

public sealed class NamedModuleTests
{
    // TorchSharp registers the fields of a module again when it becomes a part of another one.
    [Theory]
    [InlineData("lenet", 28)]
    [InlineData("resnet8_28x28", 28)]
    [InlineData("resnet18_32x32", 32)]
    [InlineData("resnet18_224x224", 224)]
    [InlineData("convnet_fast_32x32", 32)]
    public void A_network_that_becomes_a_part_keeps_its_names_and_has_each_weight_once(string name, int side)
    {
        using var network = Catalog<Classifier>.Create(name, new ClassifierShape(1, side, side, 3), null as Generator);
        string[] before = [.. network.StateDict().Select(entry => entry.Name)];
        using var whole = new Whole(network);
        Assert.Equal(before.Select(entry => $"part.{entry}"), whole.StateDict().Select(entry => entry.Name));
        Assert.Equal(before.Length, whole.StateDict().Select(entry => entry.Value.Handle).Distinct().Count());
        Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), whole.ParameterCount());
    }

    private sealed class Whole : NamedModule
    {
        internal Whole(Classifier part)
            : base(nameof(Whole)) => this.Register("part", part);
    }
}
