using Sio.Engine;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>Losses and gradients, as a step has them, against those of the peers' own code.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Cross_entropy()
    {
        using var scope = NewDisposeScope();
        var logits = TrainingReference.Logits();
        Check(Loss(new CrossEntropy(), logits).Value, logits, "cross_entropy");
    }

    [Fact]
    public void Cross_entropy_image_by_image_has_the_same_mean_and_gradient()
    {
        using var scope = NewDisposeScope();
        var logits = TrainingReference.Logits();
        var step = ToySteps.Of(logits.size(0), real: 5);
        var loss = step.Mean(step.CrossEntropies(logits, TrainingReference.Target()));
        Check(loss, logits, "cross_entropy");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Logit_norm(int row)
    {
        using var scope = NewDisposeScope();
        var expected = TrainingReference.Get("logitnorm")[row];
        var tau = expected.GetProperty("tau").GetDouble();
        var logits = TrainingReference.Logits();
        var loss = Loss(row == 0 ? new LogitNorm() : new LogitNorm { Tau = tau }, logits);
        TrainingReference.AssertClose(expected.GetProperty("value"), loss.Value);
        loss.Value.backward();
        TrainingReference.AssertClose(expected.GetProperty("grad_logits"), logits.grad!);
    }

    [Fact]
    public void Outlier_exposure()
    {
        using var scope = NewDisposeScope();
        var expected = TrainingReference.Get("outlier_exposure");
        var (logits, auxiliary) = (TrainingReference.Logits(), TrainingReference.Tensor(expected.GetProperty("aux_logits"), gradient: true));
        var loss = Loss(new OutlierExposure(), logits, auxiliary);
        Assert.Equal(["cross_entropy", "auxiliary"], loss.Parts.Select(part => part.Name));
        TrainingReference.AssertClose(expected.GetProperty("cross_entropy_part"), loss.Parts[0].Value);
        TrainingReference.AssertClose(expected.GetProperty("oe_part"), loss.Parts[1].Value);
        Check(loss.Value, logits, "outlier_exposure");
        TrainingReference.AssertClose(expected.GetProperty("grad_aux_logits"), auxiliary.grad!);
    }

    // What the method makes of a network whose logits are given; hyper-parameters that are left out are those of the peers.
    private static ObjectiveLoss Loss(Objective objective, Tensor logits, Tensor? auxiliary = null)
    {
        using var network = PixelClassifier.OfLogits(logits.size(1));
        objective.Attach(network, null);
        var step = ToySteps.Of(
            logits.size(0), 5, network, PixelClassifier.Images(logits), TrainingReference.Target(), auxiliary is null ? null : PixelClassifier.Images(auxiliary));
        var loss = objective.Loss(step);
        Assert.True(loss.Logits.ValuesEqual(logits));
        step.Random.Dispose();
        return loss;
    }

    private static void Check(Tensor loss, Tensor logits, string key)
    {
        TrainingReference.AssertClose(TrainingReference.Get(key, "value"), loss);
        loss.backward();
        TrainingReference.AssertClose(TrainingReference.Get(key, "grad_logits"), logits.grad!);
    }
}
