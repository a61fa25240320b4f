using Sio.Nn;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>G-ODIN's heads against the peer's, and what training with them must do.</summary>
public sealed class GodinTests
{
    [Theory]
    [InlineData(GodinHead.Cosine, "cosine")]
    [InlineData(GodinHead.Inner, "inner")]
    [InlineData(GodinHead.Euclid, "euclid")]
    public void In_evaluation_the_heads_are_the_peers(GodinHead head, string name)
    {
        using var scope = NewDisposeScope();
        using var network = Network(head);
        var objective = (Godin)Objective.Of(network)!;
        objective.Layers.eval();
        var features = TrainingReference.Tensor(TrainingReference.Get("godin", "features"));
        var expected = TrainingReference.Get("godin", "heads", name, "eval");
        TrainingReference.AssertClose(expected.GetProperty("h"), objective.Numerator(features));
        TrainingReference.AssertClose(expected.GetProperty("g"), objective.Divisor(features));
        TrainingReference.AssertClose(expected.GetProperty("logits"), network.Logits(features));
        Assert.False(network.HasLinearLogits);
    }

    [Theory]
    [InlineData(GodinHead.Cosine, "cosine")]
    [InlineData(GodinHead.Inner, "inner")]
    [InlineData(GodinHead.Euclid, "euclid")]
    public void In_training_loss_and_gradients_are_the_peers(GodinHead head, string name)
    {
        using var scope = NewDisposeScope();
        using var network = Network(head);
        var objective = (Godin)Objective.Of(network)!;
        var images = PixelClassifier.Images(TrainingReference.Tensor(TrainingReference.Get("godin", "features")));
        images.requires_grad = true;
        var expected = TrainingReference.Get("godin", "heads", name, "train");
        var step = ToySteps.Of(images.size(0), real: 5, network, images, TrainingReference.Target());
        var loss = objective.Loss(step);
        TrainingReference.AssertClose(expected.GetProperty("logits"), loss.Logits);
        TrainingReference.AssertClose(expected.GetProperty("loss"), loss.Value);
        loss.Value.backward();
        TrainingReference.AssertClose(expected.GetProperty("grad_features"), images.grad!);
        TrainingReference.AssertClose(expected.GetProperty("grad_h_weight"), network.Head.weight.grad!);
        TrainingReference.AssertClose(expected.GetProperty("grad_g_weight"), objective.Layers.StateDict().Single(entry => entry.Name == "g.weight").Value.grad!);
        step.Random.Dispose();
    }

    [Fact]
    public void The_head_alone_does_not_decay_and_starts_from_a_normal_distribution()
    {
        using var scope = NewDisposeScope();
        using var network = ToySteps.Network("godin");
        Assert.Equal(0, network.Head.bias!.abs().max().ToDouble());
        var groups = ParameterGroups.Of(ToyTraining.Plan with { DecayNormAndBias = true }, network);
        Assert.Equal(2, groups.Count);
        var free = groups.Single(group => group.WeightDecay == 0);
        Assert.Equal(new[] { network.Head.weight, network.Head.bias }, free.Parameters);

        // 2,000 numbers of variance 2/D: their mean square is within a tenth of that.
        using var wide = new PixelClassifier(20, 100);
        using var generator = new Generator(4, CPU);
        new Godin().Attach(wide, generator);
        Assert.InRange(wide.Head.weight.detach().square().mean().ToDouble(), 0.09, 0.11);
    }

    [Fact]
    public void One_image_alone_and_images_far_away_give_numbers()
    {
        using var scope = NewDisposeScope();
        using var network = Network(GodinHead.Inner);
        var objective = (Godin)Objective.Of(network)!;
        var running = objective.Layers.named_buffers().Single(entry => entry.name == "norm.running_var").buffer;
        var before = running.ToDouble();
        var images = PixelClassifier.Images(torch.ones([1, 16], dtype: ScalarType.Float64));
        var step = ToySteps.Of(1, 1, network, images);
        Assert.True(double.IsFinite(objective.Loss(step).Value.ToDouble()));
        Assert.Equal(before, running.ToDouble());
        step.Random.Dispose();

        objective.Layers.eval();
        var far = objective.Layers.StateDict().Single(entry => entry.Name == "g.weight").Value.detach() * -1e4;
        Assert.Equal(1e-12, objective.Divisor(far).ToDouble(), 1e-15);
        Assert.True(double.IsFinite(network.Logits(far).abs().max().ToDouble()));
    }

    // Against the softmax of a control run: kinds of clothes that were never seen lie farther from all classes.
    [Fact]
    public void Its_own_score_finds_what_was_never_seen()
    {
        using var control = FashionTrial.Trained("cross_entropy");
        using var model = FashionTrial.Trained("godin");
        var accuracy = FashionTrial.Accuracy(model);
        Assert.True(accuracy > 90, $"accuracy {accuracy}");
        var (own, plain) = (FashionTrial.Auroc(model, FashionTrial.Unseen, "godin"), FashionTrial.Auroc(control, FashionTrial.Unseen, "msp"));
        Assert.True(own > plain + 2, $"{own}, softmax without G-ODIN {plain}");
    }

    /// <summary>A network of the reference's weights, with the reference's g.</summary>
    private static PixelClassifier Network(GodinHead head)
    {
        var network = new PixelClassifier(16, 10);
        var objective = new Godin { Head = head };
        objective.Attach(network, null);
        network.to(ScalarType.Float64);
        objective.Layers.to(ScalarType.Float64);
        PixelClassifier.Set(network, "fc.weight", TrainingReference.Tensor(TrainingReference.Get("godin", "h_weight")));
        PixelClassifier.Set(network, "fc.bias", TrainingReference.Tensor(TrainingReference.Get("godin", "h_bias_inner_only")));
        PixelClassifier.Set(objective.Layers, "g.weight", TrainingReference.Tensor(TrainingReference.Get("godin", "g_weight")));
        PixelClassifier.Set(objective.Layers, "g.bias", TrainingReference.Tensor(TrainingReference.Get("godin", "g_bias")));
        foreach (var name in new[] { "weight", "bias", "running_mean", "running_var" })
            PixelClassifier.Set(objective.Layers, $"norm.{name}", torch.full([1], TrainingReference.Get("godin", "batchnorm", name).GetDouble(), dtype: ScalarType.Float32));
        return network;
    }
}
