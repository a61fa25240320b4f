using Sio.Engine;
using Sio.Evaluation;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>The confidence branch: the paper's equations on numbers worked out here, the budget rule, and what it promises.</summary>
public sealed class ConfidenceBranchTests
{
    // z = (ln 3, 0): p = (0.75, 0.25). c = sigmoid(ln 4) = 0.8. With label 1: p′ = (0.6, 0.2 + 0.2); with label 0: (0.6 + 0.2, 0.2).
    [Fact]
    public void Probabilities_move_towards_the_label_where_there_is_a_hint()
    {
        using var scope = NewDisposeScope();
        var row = new[] { (float)Math.Log(3), 0 };
        var logits = torch.tensor(((float[])[.. row, .. row, .. row]), [3, 2]);
        var confidence = torch.full([3], Math.Log(4), dtype: ScalarType.Float32);
        var moved = ConfidenceBranch.Hinted(logits, confidence, torch.tensor(new long[] { 1L, 0L, 1L }, [3]), torch.tensor(new long[] { 1L, 1L, 0L }, [3]).eq(1)).exp().ToArray<float>();
        Assert.Equal([0.6f, 0.4f, 0.8f, 0.2f, 0.75f, 0.25f], moved, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.All(ConfidenceBranch.MinusLog(confidence).ToArray<float>(), value => Assert.Equal(-Math.Log(0.8), value, 1e-6));

        // Far beyond what float32 can hold as a probability.
        var far = torch.tensor(new float[] { 200f, 0, 200f, 0 }, [2, 2]);
        far.requires_grad = true;
        var sure = torch.tensor(new float[] { 100f, -100f }, [2]);
        sure.requires_grad = true;
        var labels = torch.tensor(new long[] { 1L, 1L }, [2]);
        var loss = nn.functional.cross_entropy(ConfidenceBranch.Hinted(far, sure, labels, torch.tensor(new long[] { 1L, 1L }, [2]).eq(1)), labels) + ConfidenceBranch.MinusLog(sure).sum();
        Assert.Equal(150, loss.ToDouble(), 1e-3);
        loss.backward();
        Assert.True(far.grad!.isfinite().all().ToDouble() > 0 && sure.grad!.isfinite().all().ToDouble() > 0);
    }

    [Fact]
    public void The_loss_adds_the_price_and_the_price_follows_the_budget()
    {
        using var scope = NewDisposeScope();
        foreach (var (budget, factor) in new[] { (10.0, 1 / 1.01), (1e-3, 1 / 0.99) })
        {
            using var network = new PixelClassifier(2, 2);
            var objective = new ConfidenceBranch { Budget = budget, Lambda = 0.5 };
            objective.Attach(network, null);
            var step = ToySteps.Of(3, 3, network, PixelClassifier.Images(torch.tensor(new float[] { 1f, 2, 3, 1, -1, 0.5f }, [3, 2])), torch.tensor(new long[] { 0L, 1L, 1L }, [3]));
            var loss = objective.Loss(step);
            var parts = loss.Parts.ToDictionary(part => part.Name, part => part.Value.ToDouble());
            Assert.Equal(parts["cross_entropy"] + (0.5 * parts["confidence"]), loss.Value.ToDouble(), 1e-6);
            var confidence = objective.ConfidenceLogit(step.Images.flatten(1)).ToArray<float>();
            Assert.Equal(confidence.Average(t => Math.Log(1 + Math.Exp(-t))), parts["confidence"], 1e-6);
            Assert.Equal(0.5 * factor, objective.Price, 1e-7);
            loss.Value.backward();
            Assert.NotNull(network.Head.weight.grad);
            step.Random.Dispose();
        }
    }

    [Fact]
    public void Half_of_the_images_get_hints()
    {
        using var scope = NewDisposeScope();
        using var network = new PixelClassifier(1, 2);
        var objective = new ConfidenceBranch();
        objective.Attach(network, null);
        // Sure of the wrong class, and without confidence: an image costs next to nothing with a hint, and 20 without.
        PixelClassifier.Set(network, "fc.weight", torch.tensor(new float[] { 20f, 0 }, [2, 1]));
        PixelClassifier.Set(network, "fc.bias", torch.zeros([2]));
        PixelClassifier.Set(objective.Layers, "confidence.weight", torch.tensor(new float[] { -30f }, [1, 1]));
        var step = ToySteps.Of(1000, 1000, network, PixelClassifier.Images(torch.ones([1000, 1])), torch.ones([1000], dtype: ScalarType.Int64));
        var hints = 1 - (objective.Loss(step).Parts.Single(part => part.Name == "cross_entropy").Value.ToDouble() / 20);
        Assert.InRange(hints, 0.44, 0.56);
        step.Random.Dispose();
    }

    [Fact]
    public void Confidence_is_low_where_the_network_errs_and_as_low_as_the_budget_allows()
    {
        using var model = FashionTrial.Trained("conf_branch");
        var accuracy = FashionTrial.Accuracy(model);
        Assert.True(accuracy > 85, $"accuracy {accuracy}");
        var scores = FashionTrial.Scores(model, FashionTrial.Test, "conf_branch");
        using var bank = FashionTrial.Bank(model, FashionTrial.Test);
        var right = bank.Predictions().Zip(bank.Labels, (prediction, label) => prediction == label).ToArray();
        var auroc = OodMetrics.Compute([.. scores.Where((_, i) => right[i])], [.. scores.Where((_, i) => !right[i])]).Auroc;
        Assert.True(auroc > 70, $"right against wrong: AUROC {auroc}");
        auroc = FashionTrial.Auroc(model, FashionTrial.Gratings, "conf_branch");
        Assert.True(auroc > 90, $"gratings: AUROC {auroc}");

        // −log c is near the budget of 0.3; the control run has a smaller one.
        using var control = FashionTrial.Trained("conf_branch", null, ("budget", "0.1"));
        var (asked, less) = (-scores.Average(), -FashionTrial.Scores(control, FashionTrial.Test, "conf_branch").Average());
        Assert.InRange(asked, 0.2, 0.4);
        Assert.InRange(less, 0.03, 0.18);
    }
}
