using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Gan;

/// <summary>
/// Batch normalisation whose scale and shift are a class's own (Dumoulin et al. 2017; de Vries et al. 2017): images [N,C,H,W] and classes [N] → [N,C,H,W]. In evaluation an image's
/// output depends on no other image.
/// </summary>
internal sealed class ConditionalBatchNorm2d : ConditionalModule
{
    private readonly Tensor _runningMean;
    private readonly Tensor _runningVar;
    private readonly Embedding _embed;

    internal ConditionalBatchNorm2d(int channels, int classes)
    {
        _runningMean = RegisterBuffer("running_mean", Tensor.Zeros([channels]));
        _runningVar = RegisterBuffer("running_var", Tensor.Ones([channels]));
        _embed = Register("embed", new Embedding(classes, 2 * channels));
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        _embed.Weight.Narrow(1, 0, channels).Fill_(1);
        _embed.Weight.Narrow(1, channels, channels).Fill_(0);
    }

    protected override Tensor ForwardCore(Tensor input, Tensor condition)
    {
        var channels = input.Size(1);
        var rows = _embed.Forward(condition).Unsqueeze(2).Unsqueeze(3);
        var normal = input.BatchNorm(null, null, _runningMean, _runningVar, Training);
        return rows.Narrow(1, channels, channels).AddCMul(rows.Narrow(1, 0, channels), normal);
    }
}
