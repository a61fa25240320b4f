using Sio.Data;
using Sio.Engine;
using Sio.Nn;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>RotPred: rotations and loss on a tiny example, and what it promises.</summary>
public sealed class RotationPredictionTests
{
    [Fact]
    public void Images_turn_counter_clockwise()
    {
        using var scope = NewDisposeScope();
        var image = torch.tensor(new float[] { 1f, 2, 3, 4 }, [1, 1, 2, 2]);
        Assert.Equal([1, 2, 3, 4], RotationPrediction.Turned(image, 0).ToArray<float>());
        Assert.Equal([2, 4, 1, 3], RotationPrediction.Turned(image, 1).ToArray<float>());
        Assert.Equal([4, 3, 2, 1], RotationPrediction.Turned(image, 2).ToArray<float>());
        Assert.Equal([3, 1, 4, 2], RotationPrediction.Turned(image, 3).ToArray<float>());
    }

    [Fact]
    public void The_loss_is_that_of_upright_classes_and_of_all_rotations()
    {
        using var scope = NewDisposeScope();
        using var network = new PixelClassifier(4, 2, height: 2);
        var objective = new RotationPrediction { Weight = 0.5 };
        objective.Attach(network, null);
        var pixels = new[] { new float[] { 1, 2, 3, 4 }, [0, -1, 2, 0.5f] };
        var step = ToySteps.Of(2, 2, network, torch.tensor(((float[])[.. pixels[0], .. pixels[1]]), [2, 1, 2, 2]), torch.tensor(new long[] { 0L, 1L }, [2]));
        int[][] turns = [[0, 1, 2, 3], [1, 3, 0, 2], [3, 2, 1, 0], [2, 0, 3, 1]];
        var expected = (MinusLog(network.Head, pixels[0], 0) + MinusLog(network.Head, pixels[1], 1)) / 2;
        var layer = (Linear)objective.Layers.named_children().Single().module;
        foreach (var (turn, rotation) in turns.Select((turn, rotation) => (turn, rotation)))
            expected += 0.5 * pixels.Sum(image => MinusLog(layer, [.. turn.Select(place => image[place])], rotation)) / 8;
        var loss = objective.Loss(step);
        Assert.Equal(expected, loss.Value.ToDouble(), 1e-5);
        Assert.Equal([2, 2], loss.Logits.shape);
        step.Random.Dispose();
    }

    [Fact]
    public void Images_that_are_not_square_are_refused()
    {
        using var network = new PixelClassifier(6, 2, height: 2);
        var objective = new RotationPrediction();
        Assert.Contains("needs square images", Assert.Throws<DataException>(() => objective.Attach(network, null)).Message, StringComparison.Ordinal);
    }

    private static double MinusLog(Linear layer, float[] features, int label)
    {
        var (weight, bias) = (layer.weight.ToArray<float>().Chunk(features.Length).ToArray(), layer.bias!.ToArray<float>());
        double[] logits = [.. weight.Select((row, c) => bias[c] + row.Zip(features, (w, f) => (double)w * f).Sum())];
        return Math.Log(logits.Sum(Math.Exp)) - logits[label];
    }

    [Fact]
    public void Rotations_are_seen_and_pictures_of_another_kind_are_found()
    {
        using var scope = NewDisposeScope();
        using var control = FashionTrial.Trained("cross_entropy");
        using var model = FashionTrial.Trained("rotpred");
        var accuracy = FashionTrial.Accuracy(model);
        Assert.True(accuracy > 90, $"accuracy {accuracy}");
        var (own, plain) = (FashionTrial.Auroc(model, FashionTrial.Gratings, "rotpred"), FashionTrial.Auroc(control, FashionTrial.Gratings, "msp"));
        Assert.True(own > plain + 1, $"gratings: {own}, softmax without RotPred {plain}");
        using var bank = FashionTrial.Bank(model, FashionTrial.Test);
        var objective = (RotationPrediction)Objective.Of(model)!;
        for (var quarters = 0; quarters < RotationPrediction.Rotations; quarters++)
        {
            using var inner = NewDisposeScope();
            var images = bank.Images!.Batches().First();
            var logits = objective.RotationLogits(model.Features(RotationPrediction.Turned(images, quarters)));
            var seen = logits.argmax(1).ToArray<long>().Count(rotation => rotation == quarters) / (double)images.size(0);
            Assert.True(seen > 0.8, $"{quarters} quarters: {seen}");
        }
    }
}
