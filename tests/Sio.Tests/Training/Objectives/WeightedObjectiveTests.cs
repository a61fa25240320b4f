using Sio.Data;
using Sio.Engine;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>What holds for every training method, found by itself: an image of weight 0 teaches nothing.</summary>
public sealed class WeightedObjectiveTests
{
    private const int Count = 6, Weighed = 4;

    private static readonly long[] s_labels = [0, 1, 0, 1, 0, 0];
    private static readonly long[] s_others = [0, 1, 0, 1, 1, 1];

    /// <summary>What methods need to do their work in the second of two steps.</summary>
    private static readonly Dictionary<string, (string Key, string Value)[]> s_settings = new()
    {
        ["mcd"] = [("start", "0")],
        ["vos"] = [("start", "0"), ("sample_number", "1"), ("sample_from", "20")],
        ["energy_bounded"] = [("inner_bound", "-4"), ("outer_bound", "-0.1")],
    };

    /// <summary>All names, by the catalog.</summary>
    public static TheoryData<string> Names => [.. Catalog<Objective>.Names];

    /// <summary>Those in which the pixels of one image do not come into another's, as they do by mixing, or by the batch norm of G-ODIN's divisor.</summary>
    public static TheoryData<string> NamesThatKeepImagesApart => [.. Catalog<Objective>.Names.Except(["cutmix", "mixup", "regmixup", "godin"])];

    [Theory]
    [MemberData(nameof(Names))]
    public void Their_labels_do_not_count(string name)
    {
        Same(Outcome(name, s_labels, 1, weighted: true), Outcome(name, s_others, 1, weighted: true));
        Assert.NotEqual(Outcome(name, s_labels, 1, weighted: false).Loss, Outcome(name, s_others, 1, weighted: false).Loss);
    }

    [Theory]
    [MemberData(nameof(NamesThatKeepImagesApart))]
    public void Their_pixels_do_not_count(string name)
    {
        Same(Outcome(name, s_labels, 1, weighted: true), Outcome(name, s_labels, -3, weighted: true));
        Assert.NotEqual(Outcome(name, s_labels, 1, weighted: false).Loss, Outcome(name, s_labels, -3, weighted: false).Loss);
    }

    private static void Same((double Loss, Dictionary<string, float[]> Gradients) expected, (double Loss, Dictionary<string, float[]> Gradients) actual)
    {
        Assert.Equal(expected.Loss, actual.Loss, 1e-5 * Math.Abs(expected.Loss));
        foreach (var (name, values) in expected.Gradients)
        {
            var largest = values.Max(Math.Abs);
            Assert.All(values.Zip(actual.Gradients[name]), pair => Assert.Equal(pair.First, pair.Second, (1e-4 * largest) + 1e-6));
        }
    }

    // Loss and gradients of the second of two steps: the first one fills what a method collects.
    private static (double Loss, Dictionary<string, float[]> Gradients) Outcome(string name, long[] labels, double lastImages, bool weighted)
    {
        using var scope = NewDisposeScope();
        using var network = ToySteps.Network(name, s_settings.GetValueOrDefault(name) ?? []);
        using var generator = new Generator(7, CPU);
        var objective = Objective.Of(network)!;
        Tensor Images()
        {
            var images = torch.randn([Count, 1, 28, 28], generator: generator);
            images.narrow(0, Weighed, Count - Weighed).mul_(lastImages);
            return images;
        }

        for (var number = 0; ; number++)
        {
            using var random = new Generator(5, CPU);
            var loss = objective.Loss(new ObjectiveStep
            {
                Network = network,
                Images = Images(),
                Labels = torch.tensor(labels, [Count]),
                RealCount = Weighed,
                Views = [.. Enumerable.Range(0, objective.ExtraViews).Select(_ => Images())],
                Auxiliary = objective.AuxiliaryPerBatch > 0 ? torch.randn([Count, 1, 28, 28], generator: generator) : null,
                Step = number,
                TotalSteps = 2,
                Random = random,
                Draws = RandomStream.For(5, "test"),
                LabelSmoothing = 0.05,
                Weights = weighted ? torch.tensor(new float[] { 1f, 2, 1, 0.5f, 0, 0 }, [Count]) : null,
            });
            if (number == 0)
                continue;
            loss.Value.backward();
            var parameters = network.named_parameters().Concat(objective.Layers.named_parameters().Select(entry => ($"objective.{entry.name}", entry.parameter)));
            return (loss.Value.ToDouble(), parameters.Where(entry => entry.Item2.grad is not null).ToDictionary(entry => entry.Item1, entry => entry.Item2.grad!.ToArray<float>()));
        }
    }
}
