using Sio.Nn;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// Batch normalisation whose scale and shift are a class's own (Dumoulin et al. 2017; de Vries et al. 2017): images [N,C,H,W] and classes [N] → [N,C,H,W]. In evaluation an image's
/// output depends on no other image.
/// </summary>
internal sealed class ConditionalBatchNorm2d : NamedModule<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "running_mean")]
    private readonly Tensor _runningMean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _runningVar;

    private readonly Embedding _embed;

    internal ConditionalBatchNorm2d(int channels, int classes)
        : base(nameof(ConditionalBatchNorm2d))
    {
        _runningMean = this.RegisterBuffer("running_mean", torch.zeros([channels]));
        _runningVar = this.RegisterBuffer("running_var", torch.ones([channels]));
        _embed = this.Register("embed", new Embedding(classes, 2 * channels));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _embed.weight.narrow(1, 0, channels).fill_(1);
        _embed.weight.narrow(1, channels, channels).fill_(0);
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var channels = input.size(1);
        var rows = _embed.call(condition).unsqueeze(2).unsqueeze(3);
        var normal = nn.functional.batch_norm(input, _runningMean, _runningVar, null, null, training);
        return scope.MoveToOuter(rows.narrow(1, channels, channels).addcmul(rows.narrow(1, 0, channels), normal, 1));
    }
}
