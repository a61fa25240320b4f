using Sio.Data;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>MCD: the paper's loss on numbers worked out here, and what it promises.</summary>
public sealed class ClassifierDiscrepancyTests
{
    // Entropies of (½, ½) and (¼, ¾): log 2 and 0.5623.
    [Fact]
    public void What_is_lacking_to_the_margin()
    {
        using var scope = NewDisposeScope();
        var flat = torch.zeros([1, 2]);
        var sharp = torch.tensor(new float[] { 0f, (float)Math.Log(3) }, [1, 2]);
        var difference = Math.Log(2) + (0.25 * Math.Log(0.25)) + (0.75 * Math.Log(0.75));
        var objective = new ClassifierDiscrepancy();
        Assert.Equal(1.2 - difference, objective.Lacking(flat, sharp).ToDouble(), 1e-6);
        Assert.Equal(1.2 + difference, objective.Lacking(sharp, flat).ToDouble(), 1e-6);
        var modest = new ClassifierDiscrepancy { Margin = 0.1 };
        Assert.Equal(0, modest.Lacking(flat, sharp).ToDouble());
    }

    [Fact]
    public void Auxiliary_images_come_in_towards_the_end()
    {
        using var scope = NewDisposeScope();
        using var network = new PixelClassifier(2, 2);
        var objective = new ClassifierDiscrepancy { Weight = 3 };
        objective.Attach(network, null);
        var (images, auxiliary) = (torch.tensor(new float[] { 1f, 2, 3, 1, -1, 0.5f }, [3, 2]), torch.tensor(new float[] { 4f, -2 }, [1, 2]));
        var labels = torch.tensor(new long[] { 0L, 1L, 1L }, [3]);
        var classes = nn.functional.cross_entropy(network.Logits(images), labels) + nn.functional.cross_entropy(objective.SecondLogits(images), labels);
        var lacking = objective.Lacking(network.Logits(auxiliary), objective.SecondLogits(auxiliary));
        foreach (var step in new[] { 89, 90 })
        {
            using var random = new Generator(1, CPU);
            var loss = objective.Loss(new ObjectiveStep
            {
                Network = network, Images = PixelClassifier.Images(images), Labels = labels, RealCount = 3, Auxiliary = PixelClassifier.Images(auxiliary), Step = step, TotalSteps = 100, Random = random,
                Draws = RandomStream.For(1, "test"),
            });
            var expected = step < 90 ? classes : classes + (lacking * 3);
            Assert.Equal(expected.ToDouble(), loss.Value.ToDouble(), 1e-6);
            Assert.Equal([3, 2], loss.Logits.shape);
        }
    }

    [Fact]
    public void A_training_that_ends_before_the_auxiliary_images_come_is_refused()
    {
        var plan = ToyTraining.Plan with { Objective = new ObjectiveChoice("mcd", new Dictionary<string, string> { ["start"] = "1" }) };
        var message = Assert.Throws<DataException>(() => new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic, ToyTraining.Images("auxiliary", 9))).Message;
        Assert.Contains("mcd: with objective.settings.start at 1 its own part of the loss begins after the last of 15 steps", message, StringComparison.Ordinal);
    }

    // The control run has no use for its auxiliary images.
    [Fact]
    public void The_two_layers_differ_on_auxiliary_images_and_agree_on_the_classes()
    {
        var auxiliary = NoiseImages.Gratings(300, 1, 28, 28, seed: 9);
        using var control = FashionTrial.Trained("mcd", auxiliary, ("weight", "0"), ("start", "0.5"), ("auxiliary_batch_size", "32"));
        using var model = FashionTrial.Trained("mcd", auxiliary, ("start", "0.5"), ("auxiliary_batch_size", "32"));
        var accuracy = FashionTrial.Accuracy(model);
        Assert.True(accuracy > 90, $"accuracy {accuracy}");
        Assert.InRange(FashionTrial.Scores(model, FashionTrial.Test, "mcd").Average(), -0.15f, 0f);
        Assert.InRange(FashionTrial.Scores(model, FashionTrial.Gratings, "mcd").Average(), -2f, -0.8f);
        Assert.InRange(FashionTrial.Scores(control, FashionTrial.Gratings, "mcd").Average(), -0.3f, 0f);
        var (own, plain) = (FashionTrial.Auroc(model, FashionTrial.Gratings, "mcd"), FashionTrial.Auroc(control, FashionTrial.Gratings, "mcd"));
        Assert.True(own > plain + 1, $"{own}, without auxiliary images {plain}");
    }
}
