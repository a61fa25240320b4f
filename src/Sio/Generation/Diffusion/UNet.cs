using System.Globalization;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// A small U-Net: images [N,C,H,W] and embeddings [N,e] → [N,C,H,W] (Ronneberger et al. 2015; Ho et al. 2020). Each level has half the size of the one above: 28 → 14 → 7,
/// 32 → 16 → 8, 64 → 32 → 16 → 8. Attention where images are at most 16×16, and at the lowest level.
/// </summary>
internal sealed class UNet : NamedModule<Tensor, Tensor, Tensor>
{
    private const int SmallestSide = 7, AttentionSide = 16;

    private readonly Conv2d _first;
    private readonly ResidualBlock[] _down;
    private readonly ResidualBlock[] _middle;
    private readonly ResidualBlock[] _up;
    private readonly GroupNorm _norm;
    private readonly Conv2d _last;

    // Which blocks on the way up take what a block on the way down has left; the others only enlarge.
    private readonly bool[] _joins;

    internal UNet(GeneratorShape shape, DiffusionSettings settings, int embedding, Dropout dropout, Generator? generator)
        : base(nameof(UNet))
    {
        var sizes = Levels(shape);
        var (down, up, joins, left) = (new List<ResidualBlock>(), new List<ResidualBlock>(), new List<bool>(), new Stack<int>());
        var width = Width(0);
        _first = this.Register("first", new Conv2d(shape.Channels, width, 3, padding: 1, generator: generator));
        left.Push(width);
        for (var level = 0; level < sizes.Count; level++)
        {
            if (level > 0)
                Down(Width(level), Resampling.Halve, attention: false);
            for (var i = 0; i < settings.Blocks; i++)
                Down(Width(level), Resampling.None, Attends(level));
        }

        _middle = [this.Register("middle1", Block(width, width, Resampling.None, attention: true)), this.Register("middle2", Block(width, width, Resampling.None, attention: false))];
        for (var level = sizes.Count - 1; level >= 0; level--)
        {
            for (var i = 0; i <= settings.Blocks; i++)
                Up(width + left.Pop(), Width(level), Resampling.None, Attends(level), join: true);
            if (level > 0)
                Up(width, width, Resampling.Double, attention: false, join: false);
        }

        (_down, _up, _joins) = ([.. down], [.. up], [.. joins]);
        _norm = this.Register("norm", new GroupNorm(width));
        _last = this.Register("last", ResidualBlock.Zeroed(new Conv2d(width, shape.Channels, 3, padding: 1, generator: generator)));

        int Width(int level) => settings.Channels * settings.Widths[Math.Min(level, settings.Widths.Count - 1)];

        bool Attends(int level) => level == sizes.Count - 1 || Math.Max(sizes[level].Height, sizes[level].Width) <= AttentionSide;

        ResidualBlock Block(int from, int to, Resampling resampling, bool attention) => new(from, to, embedding, dropout, resampling, attention, generator);

        void Down(int to, Resampling resampling, bool attention)
        {
            down.Add(this.Register(string.Create(CultureInfo.InvariantCulture, $"down{down.Count + 1}"), Block(width, to, resampling, attention)));
            left.Push(width = to);
        }

        void Up(int from, int to, Resampling resampling, bool attention, bool join)
        {
            up.Add(this.Register(string.Create(CultureInfo.InvariantCulture, $"up{up.Count + 1}"), Block(from, to, resampling, attention)));
            joins.Add(join);
            width = to;
        }
    }

    /// <summary>The sizes of the levels: halves as long as both sides are even and no half is below 7; every image is halved once at least.</summary>
    internal static IReadOnlyList<(int Height, int Width)> Levels(GeneratorShape shape)
    {
        var sizes = new List<(int Height, int Width)> { (shape.Height, shape.Width) };
        var (height, width) = sizes[0];
        while (height % 2 == 0 && width % 2 == 0 && (sizes.Count == 1 || Math.Min(height, width) / 2 >= SmallestSide))
            sizes.Add((height, width) = (height / 2, width / 2));
        return sizes;
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var left = new Stack<Tensor>();
        var x = _first.call(input);
        left.Push(x);
        foreach (var block in _down)
            left.Push(x = block.call(x, condition));
        foreach (var block in _middle)
            x = block.call(x, condition);
        for (var i = 0; i < _up.Length; i++)
            x = _up[i].call(_joins[i] ? torch.cat([x, left.Pop()], dim: 1) : x, condition);
        return scope.MoveToOuter(_last.call(ResidualBlock.Silu(_norm.call(x))));
    }
}
