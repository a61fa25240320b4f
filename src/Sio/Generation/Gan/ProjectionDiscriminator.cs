using System.Globalization;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Gan;

/// <summary>
/// The discriminator: images [N,C,H,W] and classes [N] → how real each is for its class, [N]: f(x, y) = wᵀφ(x) + b + e(y)ᵀφ(x) (Miyato and Koyama 2018, "cGANs with projection
/// discriminator", arXiv 1802.05637, equation 3), with φ residual blocks that halve the image, one that does not, and a sum over positions.
/// </summary>
internal sealed class ProjectionDiscriminator : ConditionalModule
{
    private readonly DownBlock[] _blocks;
    private readonly Module _linear;
    private readonly Module _embed;

    internal ProjectionDiscriminator(GeneratorShape shape, GanSettings settings, Generator? generator)
    {
        var levels = shape.Halvings;
        _blocks = new DownBlock[levels + 1];
        var width = shape.Channels;
        for (var i = 0; i <= levels; i++)
        {
            // The last block keeps size and width: it sees the whole image.
            var next = settings.DiscriminatorChannels << Math.Min(Math.Min(i, levels - 1), 3);
            _blocks[i] = Register(
                string.Create(CultureInfo.InvariantCulture, $"block{i + 1}"), new DownBlock(width, next, first: i == 0, halve: i < levels, settings.SpectralNorm, generator));
            width = next;
        }

        _linear = Register<Module>("linear", settings.SpectralNorm ? new SpectralLinear(width, 1, generator) : new Linear(width, 1, generator: generator));
        _embed = Register<Module>("embed", settings.SpectralNorm ? new SpectralEmbedding(shape.Classes, width, generator) : new Embedding(shape.Classes, width, generator));
    }

    protected override Tensor ForwardCore(Tensor input, Tensor condition)
    {
        var x = input;
        foreach (var block in _blocks)
            x = block.Forward(x);
        var features = x.LeakyRelu(DownBlock.Slope).Flatten(2).Sum(2);
        return _linear.Forward(features).Squeeze(1) + (_embed.Forward(condition) * features).Sum(1);
    }
}
