using Sio.Experiments;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Experiments;

public sealed class WeightsImportTests
{
    private static readonly string[] s_names = ["conv1.weight", "bn1.num_batches_tracked", "fc.weight", "fc.bias"];

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    [InlineData("state_dict.")]
    [InlineData("state_dict.module.")]
    public void Names_are_found_behind_any_prefix(string prefix)
    {
        using var scope = NewDisposeScope();
        var weights = s_names.Where(name => name != "bn1.num_batches_tracked").ToDictionary(name => prefix + name, _ => torch.ones([1]));
        weights["epoch"] = torch.ones([1]);
        var found = WeightsImport.Match(s_names, weights);
        Assert.Superset(s_names.ToHashSet(), found.Keys.ToHashSet());
        Assert.Equal(0, found["bn1.num_batches_tracked"].ToDouble());
        if (prefix.Length > 0)
            Assert.DoesNotContain("epoch", found.Keys);
    }
}
