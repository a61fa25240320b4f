namespace Sio.Torch.Nn;

/// <summary>Batch normalisation per channel (Ioffe &amp; Szegedy 2015): batch statistics in training, running ones in evaluation.</summary>
public abstract class BatchNorm : Module
{
    private readonly Tensor _runningMean;
    private readonly Tensor _runningVar;
    private readonly Tensor _batches;

    /// <summary>Makes the layer: scale 1, shift 0, running mean 0, running variance 1.</summary>
    /// <param name="channels">C.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">Weight of the new batch in the running statistics (PyTorch's sense: 0.1, not 0.9).</param>
    private protected BatchNorm(int channels, double eps, double momentum)
    {
        Eps = eps;
        Momentum = momentum;
        Weight = RegisterParameter("weight", Tensor.Ones([channels]));
        Bias = RegisterParameter("bias", Tensor.Zeros([channels]));
        _runningMean = RegisterBuffer("running_mean", Tensor.Zeros([channels]));
        _runningVar = RegisterBuffer("running_var", Tensor.Ones([channels]));
        _batches = RegisterBuffer("num_batches_tracked", Tensor.Zeros([], DType.Int64));
    }

    /// <summary>Scale [C].</summary>
    public Tensor Weight { get; }

    /// <summary>Shift [C].</summary>
    public Tensor Bias { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; set; }

    /// <summary>Weight of the new batch in the running statistics.</summary>
    public double Momentum { get; set; }

    /// <summary>Normalises by the statistics of the batch, which go into the running ones, or by the running ones.</summary>
    private protected Tensor Normalize(Tensor input, bool byBatch)
    {
        if (byBatch)
            _batches.Add_(1);
        return input.BatchNorm(Weight, Bias, _runningMean, _runningVar, byBatch, Momentum, Eps);
    }
}
