using Sio.Engine;
using Sio.Networks;
using Sio.Tests.Data;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;

namespace Sio.Tests.Training.Objectives;

/// <summary>T2FNorm's last layer holds W/τ, whatever weights training starts from.</summary>
public sealed class T2FNormStartTests
{
    [Fact]
    public void Weights_to_start_from_are_divided_once()
    {
        using var folder = new TempFolder();
        using var plain = Network(null, seed: 1);
        var checkpoint = new Checkpoint(folder.File("plain"));
        checkpoint.SaveModel(plain);
        var expected = plain.Head.weight.ToArray<float>();

        // The weights of a network: W becomes W/τ.
        using var first = Network(0.5, seed: 2);
        InitialWeights.Load(first, checkpoint.ModelPath);
        Assert.Equal(Array.ConvertAll(expected, value => value / 0.5f), first.Head.weight.ToArray<float>());
        Assert.Equal(plain.Head.bias!.ToArray<float>(), first.Head.bias!.ToArray<float>());

        // Those of a run of this method have been divided, by that run's τ.
        var own = new Checkpoint(folder.File("own"));
        own.SaveModel(first);
        using var same = Network(0.5, seed: 3);
        InitialWeights.Load(same, own.ModelPath);
        Assert.Equal(first.Head.weight.ToArray<float>(), same.Head.weight.ToArray<float>());
        using var other = Network(0.25, seed: 4);
        InitialWeights.Load(other, own.ModelPath);
        Assert.Equal(Array.ConvertAll(expected, value => value / 0.25f), other.Head.weight.ToArray<float>());
    }

    private static Classifier Network(double? tau, ulong seed)
    {
        using var generator = new torch.Generator(seed);
        var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), generator);
        if (tau is { } value)
            new T2FNorm { Tau = value }.Attach(network, generator);
        return network;
    }
}
