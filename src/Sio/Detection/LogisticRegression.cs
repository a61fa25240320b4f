using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Logistic regression of a few variables, by Newton's method in float64: the loss is strictly convex, so its minimum is the only one.</summary>
internal static class LogisticRegression
{
    private const int MostSteps = 100;
    private const double SmallestStep = 1e-12;

    /// <summary>
    /// Weights w of the variables that tell positive from negative rows: those of Σ log(1 + e^(∓(w·x + b))) + penalty · ‖w ⊙ s‖² / 2 at its minimum, s the standard
    /// deviation of each variable over all rows. The bias is not penalised; a variable that does not vary has weight 0.
    /// </summary>
    /// <param name="positive">[n,L] float64, at least one row.</param>
    /// <param name="negative">[m,L] float64, at least one row.</param>
    /// <param name="penalty">Above 0.</param>
    /// <returns>[L] float64.</returns>
    internal static Tensor Fit(Tensor positive, Tensor negative, double penalty)
    {
        var rows = torch.cat([positive, negative]);
        var deviation = rows.var([0], unbiased: false).sqrt();
        var scale = torch.where(deviation.gt(0), deviation, deviation.ones_like());
        var (count, size) = (rows.size(0), rows.size(1));
        var x = torch.cat([(rows - rows.mean([0])) / scale, torch.ones([count, 1], dtype: ScalarType.Float64)], dim: 1);
        var truth = torch.cat([torch.ones([positive.size(0), 1], dtype: ScalarType.Float64), torch.zeros([negative.size(0), 1], dtype: ScalarType.Float64)]);
        var penalties = torch.cat([torch.full([size, 1], penalty, dtype: ScalarType.Float64), torch.zeros([1, 1], dtype: ScalarType.Float64)]);
        var weights = torch.zeros([size + 1, 1], dtype: ScalarType.Float64);
        var loss = Loss(weights);
        for (var step = 0; step < MostSteps; step++)
        {
            var probability = x.matmul(weights).sigmoid();
            var gradient = x.transpose(0, 1).matmul(probability - truth) + (penalties * weights);
            var curvature = x.transpose(0, 1).matmul(x * (probability * (1 - probability))) + (torch.eye(size + 1, dtype: ScalarType.Float64) * penalties);
            var direction = linalg.solve(curvature, gradient);
            var length = 1.0;
            var next = weights - direction;
            while (Loss(next) is var reached && !(reached <= loss) && length > SmallestStep)
            {
                length /= 2;
                next = weights - (direction * length);
            }

            if (length <= SmallestStep)
                break;
            (weights, loss) = (next, Loss(next));
            if (length * direction.abs().max().ToDouble() < SmallestStep)
                break;
        }

        return weights.narrow(0, 0, size).squeeze(1) / scale;

        // log(1 + e^z) − y z, which neither overflows nor loses digits where e^z is small.
        double Loss(Tensor w)
        {
            var z = x.matmul(w);
            return (nn.functional.softplus(z) - (truth * z)).sum().ToDouble() + ((penalties * w.square()).sum().ToDouble() / 2);
        }
    }
}
