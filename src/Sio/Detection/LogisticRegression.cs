using Sio.Torch;

namespace Sio.Detection;

/// <summary>Logistic regression of a few variables, by Newton's method in float64: the loss is strictly convex, so its minimum is the only one.</summary>
internal static class LogisticRegression
{
    private const int MostSteps = 100;
    private const double SmallestStep = 1e-12;

    private static readonly Operator s_solve = new("linalg_solve");
    private static readonly Operator s_softplus = new("softplus");

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
        var rows = Tensor.Cat([positive, negative]);
        var deviation = rows.Var([0], correction: 0).Sqrt();
        var scale = deviation.Gt(0).Where(deviation, deviation.OnesLike());
        var (count, size) = (rows.Size(0), rows.Size(1));
        var x = Tensor.Cat([(rows - rows.Mean([0])) / scale, Tensor.Ones([count, 1], DType.Float64)], 1);
        var truth = Tensor.Cat([Tensor.Ones([positive.Size(0), 1], DType.Float64), Tensor.Zeros([negative.Size(0), 1], DType.Float64)]);
        var penalties = Tensor.Cat([Tensor.Full([size, 1], penalty, DType.Float64), Tensor.Zeros([1, 1], DType.Float64)]);
        var weights = Tensor.Zeros([size + 1, 1], DType.Float64);
        var loss = Loss(weights);
        for (var step = 0; step < MostSteps; step++)
        {
            var probability = x.MatMul(weights).Sigmoid();
            var gradient = x.Transpose(0, 1).MatMul(probability - truth) + (penalties * weights);
            var curvature = x.Transpose(0, 1).MatMul(x * (probability * (1 - probability))) + (Tensor.Eye(size + 1, DType.Float64) * penalties);
            var direction = s_solve.Call(curvature, gradient);
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
            if (length * direction.Abs().Max().Item().ToDouble() < SmallestStep)
                break;
        }

        return weights.Narrow(0, 0, size).Squeeze(1) / scale;

        // log(1 + e^z) − y z, which neither overflows nor loses digits where e^z is small.
        double Loss(Tensor w)
        {
            var z = x.MatMul(w);
            return (s_softplus.Call(z) - (truth * z)).Sum().Item().ToDouble() + ((penalties * w.Square()).Sum().Item().ToDouble() / 2);
        }
    }
}
