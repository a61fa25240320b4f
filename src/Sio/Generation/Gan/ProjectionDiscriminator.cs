using System.Globalization;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// The discriminator: images [N,C,H,W] and classes [N] → how real each is for its class, [N]: f(x, y) = wᵀφ(x) + b + e(y)ᵀφ(x) (Miyato and Koyama 2018, "cGANs with projection
/// discriminator", arXiv 1802.05637, equation 3), with φ residual blocks that halve the image, one that does not, and a sum over positions.
/// </summary>
internal sealed class ProjectionDiscriminator : NamedModule<Tensor, Tensor, Tensor>
{
    private readonly DownBlock[] _blocks;
    private readonly nn.Module<Tensor, Tensor> _linear;
    private readonly nn.Module<Tensor, Tensor> _embed;

    internal ProjectionDiscriminator(GeneratorShape shape, GanSettings settings, Generator? generator)
        : base(nameof(ProjectionDiscriminator))
    {
        var levels = shape.Halvings;
        _blocks = new DownBlock[levels + 1];
        var width = shape.Channels;
        for (var i = 0; i <= levels; i++)
        {
            // The last block keeps size and width: it sees the whole image.
            var next = settings.DiscriminatorChannels << Math.Min(Math.Min(i, levels - 1), 3);
            _blocks[i] = this.Register(string.Create(CultureInfo.InvariantCulture, $"block{i + 1}"), new DownBlock(width, next, first: i == 0, halve: i < levels, settings.SpectralNorm, generator));
            width = next;
        }

        _linear = this.Register<nn.Module<Tensor, Tensor>>("linear", settings.SpectralNorm ? new SpectralLinear(width, 1, generator) : new Linear(width, 1, generator: generator));
        _embed = this.Register<nn.Module<Tensor, Tensor>>("embed", settings.SpectralNorm ? new SpectralEmbedding(shape.Classes, width, generator) : new Embedding(shape.Classes, width, generator));
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var block in _blocks)
            x = block.call(x);
        var features = nn.functional.leaky_relu(x, DownBlock.Slope).flatten(2).sum(2);
        return scope.MoveToOuter(_linear.call(features).squeeze(1) + (_embed.call(condition) * features).sum(1));
    }
}
