using Sio.Engine;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>AugMix's loss on small examples.</summary>
public sealed class AugMixLossTests
{
    /// <summary>Softmaxes (1, 0), (0, 1) and (½, ½) up to rounding: their mean is (½, ½), the divergence ⅔·log 2. Equal softmaxes have none.</summary>
    [Fact]
    public void Divergence_between_views()
    {
        using var scope = NewDisposeScope();
        Tensor first = torch.tensor(new float[] { 50f, 0f, 1f, 2f }, [2, 2]), second = torch.tensor(new float[] { 0f, 50f, 1f, 2f }, [2, 2]), third = torch.tensor(new float[] { 3f, 3f, 1f, 2f }, [2, 2]);
        var values = AugMix.Divergence([first, second, third]).ToArray<float>();
        Assert.Equal(2 / 3.0 * Math.Log(2), values[0], 1e-6);
        Assert.Equal(0, values[1], 1e-6);

        // Far apart, the logarithm of the mean is held at 10⁻⁷, and nothing is infinite.
        first = torch.tensor(new float[] { 1e4f, 0f }, [1, 2]);
        first.requires_grad = true;
        var far = AugMix.Divergence([first, torch.tensor(new float[] { 0f, 1e4f }, [1, 2]), torch.tensor(new float[] { 0f, 1e4f }, [1, 2])]).sum();
        far.backward();
        Assert.True(double.IsFinite(far.ToDouble()));
        Assert.All(first.grad!.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Views_are_needed_for_the_divergence_alone()
    {
        AugMix with = new(), without = new() { Jsd = false };
        Assert.Equal((2, 0), (with.ExtraViews, without.ExtraViews));
        Assert.Null(with.CreateTransform(0, ToyTraining.Real));
        Assert.NotNull(with.CreateTransform(2, ToyTraining.Real));
        Assert.NotNull(without.CreateTransform(0, ToyTraining.Real));
    }

    /// <summary>One image, three views, weight 2: the loss is that of the image itself + 2·divergence; views that equal the image add nothing.</summary>
    [Fact]
    public void The_loss_adds_the_divergence_to_the_images_own()
    {
        using var scope = NewDisposeScope();
        using var network = ToySteps.Network("augmix", ("lambda", "2.0"));
        network.eval();
        using var random = new Generator(3, CPU);
        Tensor image = torch.randn([2, 1, 28, 28], generator: random), view = torch.randn([2, 1, 28, 28], generator: random), labels = torch.tensor(new long[] { 0L, 1L }, [2]);
        var objective = (AugMix)Objective.Of(network)!;
        Tensor plain = network.call(image), other = network.call(view);
        var expected = nn.functional.cross_entropy(plain, labels).ToDouble() + (2 * AugMix.Divergence([plain, other, plain]).mean().ToDouble());
        Assert.Equal(expected, Loss(view, image), 1e-5);
        Assert.Equal(nn.functional.cross_entropy(plain, labels).ToDouble(), Loss(image, image), 1e-5);

        double Loss(Tensor first, Tensor second) => objective.Loss(new ObjectiveStep
        {
            Network = network, Images = image, Labels = labels, RealCount = 1, Random = random, Draws = Sio.Data.RandomStream.For(1, "test"), Views = [first, second],
        }).Value.ToDouble();
    }
}
