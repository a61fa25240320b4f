using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// Group normalisation of [N,C,H,W] (Wu &amp; He 2018): each group of channels of each image to mean 0 and variance 1, then scale and shift per
/// channel. An image's output depends on no other image. Computed in float32, whatever the input's type.
/// </summary>
public sealed class GroupNorm : NamedModule<Tensor, Tensor>
{
    private const int MostGroups = 32, FewestChannels = 4;

    private readonly long _groups;
    private readonly double _eps;

    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter _bias;

    /// <summary>Makes the layer: scale 1, shift 0.</summary>
    /// <param name="channels">C.</param>
    /// <param name="groups">Groups; a divisor of C. When left out, the largest one that is at most 32 and leaves four channels to a group, or 1.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <exception cref="ArgumentException">The channels cannot be divided so.</exception>
    public GroupNorm(int channels, int? groups = null, double eps = 1e-5)
        : base(nameof(GroupNorm))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        var chosen = groups ?? Math.Clamp(channels / FewestChannels, 1, MostGroups);
        while (groups is null && channels % chosen != 0)
            chosen--;
        if (chosen < 1 || channels % chosen != 0)
            throw new ArgumentException($"{channels} channels cannot be divided into {chosen} groups of one size", nameof(groups));
        (_groups, _eps) = (chosen, eps);
        _weight = this.RegisterParameter("weight", torch.ones([channels]));
        _bias = this.RegisterParameter("bias", torch.zeros([channels]));
    }

    /// <summary>Scale [C].</summary>
    public Parameter weight
    {
        get => _weight;

        // TorchSharp's to() sets it.
        private set
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
        private set
        {
            _bias.Dispose();
            ConditionallyRegisterParameter("bias", _bias = value);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.group_norm(input.to(ScalarType.Float32), _groups, _weight, _bias, _eps));
    }
}
