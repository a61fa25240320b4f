namespace Sio.Torch.Nn;

/// <summary>
/// Group normalisation of [N,C,H,W] (Wu &amp; He 2018): each group of channels of each image to mean 0 and variance 1, then scale and shift per channel. An image's output depends on no other
/// image. Computed in float32, whatever the input's type.
/// </summary>
public sealed class GroupNorm : Module
{
    private const int MostGroups = 32, FewestChannels = 4;

    private static readonly Operator s_groupNorm = new("group_norm");

    private readonly long _groups;
    private readonly double _eps;

    /// <summary>Makes the layer: scale 1, shift 0.</summary>
    /// <param name="channels">C.</param>
    /// <param name="groups">Groups; a divisor of C. When left out, the largest one that is at most 32 and leaves four channels to a group, or 1.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <exception cref="ArgumentException">The channels cannot be divided so.</exception>
    public GroupNorm(int channels, int? groups = null, double eps = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        var chosen = groups ?? Math.Clamp(channels / FewestChannels, 1, MostGroups);
        while (groups is null && channels % chosen != 0)
            chosen--;
        if (chosen < 1 || channels % chosen != 0)
            throw new ArgumentException($"{channels} channels cannot be divided into {chosen} groups of one size", nameof(groups));
        (_groups, _eps) = (chosen, eps);
        Weight = RegisterParameter("weight", Tensor.Ones([channels]));
        Bias = RegisterParameter("bias", Tensor.Zeros([channels]));
    }

    /// <summary>Scale [C].</summary>
    public Tensor Weight { get; }

    /// <summary>Shift [C].</summary>
    public Tensor Bias { get; }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return s_groupNorm.Call(input.To(DType.Float32), _groups, Weight, Bias, _eps);
    }
}
