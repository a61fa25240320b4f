using System.Reflection;
using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Generation.Gan;
using Sio.Networks;
using Sio.Nn;
using Sio.Tests.Generation;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Nn;

/// <summary>
/// A change of type replaces parameters and buffers, as a move to a GPU does. A field that keeps the old tensor would hold one that is disposed.
/// </summary>
public sealed class NetworkTypeTests
{
    public static TheoryData<string> Networks => [.. Catalog<Classifier>.Names];

    public static TheoryData<string> Objectives => [.. Catalog<Objective>.Names];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Networks_hold_their_new_tensors(string name)
    {
        using var scope = NewDisposeScope();
        var side = name switch
        {
            "lenet" => 28,
            "resnet18_224x224" => 64,
            _ => 32,
        };
        using var network = Catalog<Classifier>.Create(name, new ClassifierShape(1, side, side, 4), null);
        AssertFollows(network);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Training_methods_hold_their_new_tensors(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Catalog<Classifier>.Create("resnet8_28x28", new ClassifierShape(1, 28, 28, 4), null);
        ObjectiveFactory.Create(new ObjectiveChoice(name, new Dictionary<string, string>())).Attach(network, null);
        AssertFollows(network.Extension!);
    }

    [Fact]
    public void Generators_hold_their_new_tensors()
    {
        using var scope = NewDisposeScope();
        var shape = new GeneratorShape(1, 8, 8, 2);
        using GeneratorModel gan = new ProjectionGan(shape, ToyImages.Settings, null, CPU), diffusion = new EdmDiffusion(shape, ToyImages.Settings, null, CPU);
        foreach (var (_, network) in gan.Networks.Concat(diffusion.Networks))
            AssertFollows(network);
    }

    private static void AssertFollows(nn.Module module)
    {
        var names = module.StateDict().Select(entry => entry.Name).ToArray();
        module.to(ScalarType.Float64);
        Assert.Equal(names, module.StateDict().Select(entry => entry.Name));
        Assert.All(module.StateDict(), entry => Assert.True(entry.Value.dtype is ScalarType.Float64 or ScalarType.Int64, entry.Name));
        AssertHeld(module);
    }

    private static void AssertHeld(nn.Module module)
    {
        HashSet<Tensor> named = new(
            module.named_parameters(recurse: false).Select(entry => (Tensor)entry.parameter).Concat(module.named_buffers(recurse: false).Select(entry => entry.buffer)),
            ReferenceEqualityComparer.Instance);
        for (var type = module.GetType(); type is not null && type.Assembly == typeof(Classifier).Assembly; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(module) is Tensor tensor)
                    Assert.True(named.Contains(tensor) && !tensor.IsInvalid, $"{type.Name}.{field.Name} is not the tensor that the module names");
            }
        }

        foreach (var (_, child) in module.named_children())
            AssertHeld(child);
    }
}
