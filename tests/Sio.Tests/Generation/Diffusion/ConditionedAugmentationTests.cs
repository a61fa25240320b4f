using Sio.Engine;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

public sealed class ConditionedAugmentationTests
{
    private const int Count = 200, Side = 32;

    [Fact]
    public void A_flip_is_exact_and_meets_half_of_the_images()
    {
        using var scope = NewDisposeScope();
        var images = Noise();
        var (flipped, parameters) = Apply([DiffusionAugmentation.Flip], images, 0);
        var told = parameters!.ToArray<float>();
        Assert.InRange(told.Sum(), 65, 135);
        Assert.All(told, value => Assert.True(value is 0 or 1));
        for (var i = 0; i < Count; i++)
        {
            var (before, after) = (images.narrow(0, i, 1), flipped.narrow(0, i, 1));
            Assert.InRange(ToyDiffusion.Largest(after, told[i] == 1 ? before.flip(3) : before), 0, told[i] * 1e-4);
        }
    }

    [Fact]
    public void Whole_pixels_are_shifted_whole()
    {
        using var scope = NewDisposeScope();
        var images = Noise();
        var (shifted, parameters) = Apply([DiffusionAugmentation.Shift], images, 1);
        var told = parameters!.ToArray<float>();
        var seen = new HashSet<(int, int)>();
        for (var i = 0; i < Count; i++)
        {
            // Told as shares of an eighth of the side, here 4 pixels.
            var (right, down) = (told[2 * i] * 4, told[(2 * i) + 1] * 4);
            var (x, y) = ((int)Math.Round(right), (int)Math.Round(down));
            Assert.Equal(x, right, 4);
            seen.Add((x, y));
            var inner = shifted.narrow(0, i, 1).narrow(2, 8, 16).narrow(3, 8, 16);
            Assert.InRange(ToyDiffusion.Largest(inner, images.narrow(0, i, 1).narrow(2, 8 - y, 16).narrow(3, 8 - x, 16)), 0, 1e-3);
        }

        Assert.True(seen.Count > 30);
        Assert.InRange(seen.Max(place => Math.Abs(place.Item1)), 3, 4);
    }

    // On a plane a·x + b·y the map can be read off: from what the network is told follows where each pixel must have been read.
    [Theory]
    [InlineData(DiffusionAugmentation.Flip)]
    [InlineData(DiffusionAugmentation.FlipVertical)]
    [InlineData(DiffusionAugmentation.Scale)]
    [InlineData(DiffusionAugmentation.Rotate)]
    [InlineData(DiffusionAugmentation.Stretch)]
    [InlineData(DiffusionAugmentation.Translate)]
    public void What_is_told_is_what_was_done(DiffusionAugmentation kind)
    {
        using var scope = NewDisposeScope();
        var places = torch.arange(0, Side, 1, dtype: ScalarType.Float32) - ((Side - 1) / 2.0);
        var plane = (places * 1 + places.unsqueeze(1) * 100).expand(Count, 1, Side, Side);
        var (read, parameters) = Apply([kind], plane, 0.8);
        var (values, told) = (read.ToArray<float>(), parameters!.ToArray<float>());
        var (size, touched, moved) = ((int)parameters!.size(1), 0, 0.0);
        for (var i = 0; i < Count; i++)
        {
            var own = told.AsSpan(i * size, size).ToArray();
            touched += own.Any(value => value != 0) ? 1 : 0;
            // Two pixels beside the centre: (½, ½) and (2½, −1½).
            foreach (var (x, y) in new[] { (0.5, 0.5), (2.5, -1.5) })
            {
                var (fromX, fromY) = Source(kind, own, x, y);
                var value = values[(i * Side * Side) + ((int)(y + 15.5) * Side) + (int)(x + 15.5)];
                if (Math.Max(Math.Abs(fromX), Math.Abs(fromY)) > 13)
                    continue; // read beyond the edge, where the plane is mirrored
                moved = Math.Max(moved, Math.Abs(fromX - x) + Math.Abs(fromY - y));
                // The bicubic kernel misplaces what lies between pixels by up to a twentieth of one.
                Assert.InRange(value, fromX + (100 * fromY) - 6, fromX + (100 * fromY) + 6);
            }
        }

        var share = kind switch { DiffusionAugmentation.Flip => 0.5, DiffusionAugmentation.FlipVertical => 0.4, _ => 0.8 };
        Assert.InRange(touched, Count * (share - 0.15), Count * (share + 0.15));
        Assert.InRange(moved, 0.9, 40);
    }

    [Fact]
    public void An_image_that_nothing_happens_to_stays_as_it_is_to_the_bit_and_all_kinds_go_together()
    {
        using var scope = NewDisposeScope();
        var images = Noise();
        var all = Enum.GetValues<DiffusionAugmentation>();
        Assert.Equal(11, ConditionedAugmentation.ParameterCount(all));
        Assert.Equal(2, ConditionedAugmentation.ParameterCount([DiffusionAugmentation.Rotate, DiffusionAugmentation.Rotate]));
        var (augmented, parameters) = Apply(all, images, 0.12);
        Assert.Equal([Count, 11L], parameters!.shape);
        var told = parameters.ToArray<float>().Chunk(11).Select(row => row.Any(value => value != 0)).ToArray();
        Assert.InRange(told.Count(touched => !touched), 10, 100);
        for (var i = 0; i < Count; i++)
            Assert.Equal(!told[i], augmented.narrow(0, i, 1).ValuesEqual(images.narrow(0, i, 1)));
        var (same, none) = Apply([], images, 1);
        Assert.True(same.ValuesEqual(images));
        Assert.Null(none);
    }

    // Where the pixel at (x, y) of the result comes from, straight from what each kind does to an image.
    private static (double X, double Y) Source(DiffusionAugmentation kind, float[] told, double x, double y)
    {
        switch (kind)
        {
            case DiffusionAugmentation.Flip:
                return (told[0] == 1 ? -x : x, y);
            case DiffusionAugmentation.FlipVertical:
                return (x, told[0] == 1 ? -y : y);
            case DiffusionAugmentation.Scale:
                var larger = Math.Pow(2, 0.2 * told[0]);
                return (x / larger, y / larger);
            case DiffusionAugmentation.Rotate:
                var (cos, sin) = (told[0] + 1, told[1]);
                return ((cos * x) + (sin * y), (cos * y) - (sin * x));
            case DiffusionAugmentation.Stretch:
                // Along (cos r, sin r) it is longer by 2^(0.2·a), across shorter by as much; a·cos 2r and a·sin 2r are told.
                var amount = Math.Sqrt((told[0] * told[0]) + (told[1] * told[1]));
                var (uy, ux) = Math.SinCos(Math.Atan2(told[1], told[0]) / 2);
                var (along, across) = (((x * ux) + (y * uy)) / Math.Pow(2, 0.2 * amount), ((y * ux) - (x * uy)) * Math.Pow(2, 0.2 * amount));
                return ((along * ux) - (across * uy), (along * uy) + (across * ux));
            default:
                return (x - (told[0] * Side / 8), y - (told[1] * Side / 8));
        }
    }

    private static Tensor Noise()
    {
        using var generator = new Generator(7);
        return torch.randn([Count, 1, Side, Side], generator: generator);
    }

    private static (Tensor Images, Tensor? Parameters) Apply(IReadOnlyList<DiffusionAugmentation> kinds, Tensor images, double probability)
    {
        using var random = new Generator(9);
        return new ConditionedAugmentation(kinds, probability).Apply(images, random);
    }
}
