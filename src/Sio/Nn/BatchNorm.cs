using Sio.Engine;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>Batch normalisation per channel (Ioffe &amp; Szegedy 2015): batch statistics in training, running ones in evaluation.</summary>
/// <remarks>TorchSharp's own layer makes a native scalar in every step, which stays until a finaliser frees it; this one makes none.</remarks>
public abstract class BatchNorm : NamedModule<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private Tensor _runningMean;

    [ComponentName(Name = "running_var")]
    private Tensor _runningVar;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    /// <summary>Makes the layer: scale 1, shift 0, running mean 0, running variance 1.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="channels">C.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">Weight of the new batch in the running statistics (PyTorch's sense: 0.1, not 0.9).</param>
    private protected BatchNorm(string name, int channels, double eps, double momentum)
        : base(name)
    {
        this.eps = eps;
        this.momentum = momentum;
        _weight = this.RegisterParameter("weight", torch.ones([channels]));
        _bias = this.RegisterParameter("bias", torch.zeros([channels]));
        _runningMean = this.RegisterBuffer("running_mean", torch.zeros([channels]));
        _runningVar = this.RegisterBuffer("running_var", torch.ones([channels]));
        _batches = this.RegisterBuffer("num_batches_tracked", torch.zeros([], dtype: ScalarType.Int64));
    }

    /// <summary>Scale [C].</summary>
    public Parameter weight
    {
        get => _weight;

        // TorchSharp's to() sets it.
        private protected set
        {
            _weight.Dispose();
            ConditionallyRegisterParameter("weight", _weight = value);
        }
    }

    /// <summary>Shift [C].</summary>
    public Parameter bias
    {
        get => _bias;

        // TorchSharp's to() sets it.
        private protected set
        {
            _bias.Dispose();
            ConditionallyRegisterParameter("bias", _bias = value);
        }
    }

    /// <summary>Running mean [C].</summary>
    public Tensor running_mean
    {
        get => _runningMean;

        // TorchSharp's to() sets it.
        private protected set
        {
            _runningMean.Dispose();
            ConditionallyRegisterBuffer("running_mean", _runningMean = value);
        }
    }

    /// <summary>Running variance [C].</summary>
    public Tensor running_var
    {
        get => _runningVar;

        // TorchSharp's to() sets it.
        private protected set
        {
            _runningVar.Dispose();
            ConditionallyRegisterBuffer("running_var", _runningVar = value);
        }
    }

    /// <summary>Added to the variance.</summary>
    public double eps { get; set; }

    /// <summary>Weight of the new batch in the running statistics.</summary>
    public double momentum { get; set; }

    /// <summary>Normalises by the statistics of the batch, which go into the running ones, or by the running ones.</summary>
    private protected Tensor Normalize(Tensor input, bool byBatch)
    {
        if (byBatch)
            _batches.add_(Scalars.One);
        return nn.functional.batch_norm(input, _runningMean, _runningVar, _weight, _bias, byBatch, momentum, eps);
    }
}
