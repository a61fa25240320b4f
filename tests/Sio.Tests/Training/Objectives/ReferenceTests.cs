using Sio.Torch;
using Sio.Training.Objectives;

namespace Sio.Tests.Training.Objectives;

/// <summary>Losses and gradients against those of the peers' own code.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Cross_entropy()
    {
        using var scope = new TensorScope();
        var logits = TrainingReference.Logits();
        var loss = logits.CrossEntropy(TrainingReference.Target());
        Check(loss, logits, "cross_entropy");
    }

    [Fact]
    public void Cross_entropy_image_by_image_has_the_same_mean_and_gradient()
    {
        using var scope = new TensorScope();
        var logits = TrainingReference.Logits();
        var step = ToySteps.Of(logits.Size(0), real: 5);
        var loss = step.Mean(step.CrossEntropies(logits, TrainingReference.Target()));
        Check(loss, logits, "cross_entropy");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Logit_norm(int row)
    {
        using var scope = new TensorScope();
        var expected = TrainingReference.Get("logitnorm")[row];
        using var objective = new LogitNorm { Tau = expected.GetProperty("tau").GetDouble() };
        var logits = TrainingReference.Logits();
        var loss = objective.Normalized(logits).CrossEntropy(TrainingReference.Target());
        TrainingReference.AssertClose(expected.GetProperty("value"), loss);
        loss.Backward();
        TrainingReference.AssertClose(expected.GetProperty("grad_logits"), logits.Grad!);
    }

    [Fact]
    public void Outlier_exposure()
    {
        using var scope = new TensorScope();
        var expected = TrainingReference.Get("outlier_exposure");
        var (logits, auxiliary) = (TrainingReference.Logits(), TrainingReference.Tensor(expected.GetProperty("aux_logits"), gradient: true));
        var flatness = OutlierExposure.Flatness(auxiliary);
        TrainingReference.AssertClose(expected.GetProperty("oe_part"), flatness);
        var loss = logits.CrossEntropy(TrainingReference.Target()) + (flatness * expected.GetProperty("lambda").GetDouble());
        Check(loss, logits, "outlier_exposure");
        TrainingReference.AssertClose(expected.GetProperty("grad_aux_logits"), auxiliary.Grad!);
    }

    private static void Check(Tensor loss, Tensor logits, string key)
    {
        TrainingReference.AssertClose(TrainingReference.Get(key, "value"), loss);
        loss.Backward();
        TrainingReference.AssertClose(TrainingReference.Get(key, "grad_logits"), logits.Grad!);
    }
}
