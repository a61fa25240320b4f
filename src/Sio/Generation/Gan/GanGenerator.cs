using System.Globalization;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// The generator: noise [N,latent] and classes [N] → images [N,C,H,W] in (−1, 1). A linear layer to a small map, one residual block per doubling, batch norm, ReLU, a
/// 3×3 convolution, tanh: the residual generator of Miyato et al. 2018, made smaller.
/// </summary>
internal sealed class GanGenerator : NamedModule<Tensor, Tensor, Tensor>
{
    private readonly Linear _linear;
    private readonly UpBlock[] _blocks;
    private readonly BatchNorm2d _bn;
    private readonly Conv2d _conv;
    private readonly long[] _map;

    internal GanGenerator(GeneratorShape shape, GanSettings settings, Generator? generator)
        : base(nameof(GanGenerator))
    {
        var levels = shape.Halvings;
        var width = Width(levels);
        _map = [width, shape.Height >> levels, shape.Width >> levels];
        _linear = this.Register("linear", new Linear(settings.Latent, (int)(_map[0] * _map[1] * _map[2]), generator: generator));
        _blocks = new UpBlock[levels];
        for (var i = 0; i < levels; i++)
        {
            var next = Width(levels - i - 1);
            _blocks[i] = this.Register(string.Create(CultureInfo.InvariantCulture, $"block{i + 1}"), new UpBlock(width, next, shape.Classes, generator));
            width = next;
        }

        _bn = this.Register("bn", new BatchNorm2d(width));
        _conv = this.Register("conv", new Conv2d(width, shape.Channels, 3, padding: 1, generator: generator));

        int Width(int level) => settings.GeneratorChannels << Math.Min(level, 3);
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = _linear.call(input).view(-1, _map[0], _map[1], _map[2]);
        foreach (var block in _blocks)
            x = block.call(x, condition);
        return scope.MoveToOuter(_conv.call(_bn.call(x).relu_()).tanh());
    }
}
