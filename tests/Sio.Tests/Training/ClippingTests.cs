using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

public sealed class ClippingTests
{
    // Without momentum and decay a step is the rate times the gradient.
    [Theory]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void A_step_moves_weights_by_the_rate_times_the_norm_or_its_limit(double ofNorm)
    {
        var plan = ToyTraining.Plan with { RealRatio = 1, LabelSmoothing = 0, Momentum = 0, Nesterov = false, WeightDecay = 0 };
        var (norm, moved) = Take(plan);
        Assert.Equal(1, moved / (plan.LearningRate * norm), 1e-4);
        var (unclipped, clipped) = Take(plan with { ClipNorm = ofNorm * norm });
        Assert.Equal(Math.Min(1, ofNorm), clipped / (plan.LearningRate * norm), 1e-4);

        // What is logged is the norm before.
        Assert.Equal(norm, unclipped, 1e-9);
    }

    private static (double Norm, double Moved) Take(TrainingPlan plan)
    {
        using var scope = NewDisposeScope();
        using var parts = TrainingParts.Create(plan, "lenet", ToyTraining.Real, CPU, 10);
        using var step = new TrainingStep(plan, parts, CPU, 10, new SourceWeights(null, null));
        using var batch = ToyTraining.Batch(plan);
        Tensor[] before = [.. parts.Model.parameters().Select(parameter => parameter.detach().clone())];
        var norm = step.Take(batch, detailed: true).Details!.GradientNorm!.Value;
        var squares = before.Zip(parts.Model.parameters()).Sum(pair => (pair.First.to(ScalarType.Float64) - pair.Second.detach()).square().sum().ToDouble());
        return (norm, Math.Sqrt(squares));
    }
}
