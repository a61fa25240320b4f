using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Sizes and places after torchvision's rules, worked out by hand.</summary>
public sealed class CroppingTests
{
    [Theory]
    [InlineData(500, 375, 256, 341, 256)] // 256 · 500 / 375 = 341.33
    [InlineData(375, 500, 256, 256, 341)]
    [InlineData(100, 301, 50, 50, 150)] // 150.5
    [InlineData(3, 2, 7, 10, 7)] // 10.5
    [InlineData(40, 40, 32, 32, 32)]
    public void The_shorter_side_gets_its_length_and_the_other_is_rounded_down(int width, int height, int side, int newWidth, int newHeight)
    {
        var picture = ImageFixtures.Draw(width, height, 1);
        var result = Cropping.ResizeShorterSide(picture, side, Resampling.Bilinear);
        Assert.Equal((newWidth, newHeight), (result.Width, result.Height));
        Assert.Equal(Resampler.Resize(picture, newWidth, newHeight, Resampling.Bilinear).Pixels, result.Pixels);
        Assert.Same(result, Cropping.ResizeShorterSide(result, side, Resampling.Bilinear));
    }

    [Theory]
    [InlineData(7, 4, 2)] // 1.5: halves go to the even number
    [InlineData(5, 4, 0)] // 0.5 → 0
    [InlineData(9, 4, 2)] // 2.5 → 2
    [InlineData(8, 4, 2)]
    [InlineData(4, 4, 0)]
    [InlineData(3, 4, 0)] // −½: nothing before, one after
    [InlineData(1, 4, -1)] // one before, two after
    public void The_middle_begins_where_torchvision_has_it(int length, int wanted, int start)
    {
        foreach (var upright in new[] { false, true })
        {
            var picture = upright ? ImageFixtures.Draw(2, length, 3) : ImageFixtures.Draw(length, 2, 3);
            var result = upright ? Cropping.CropCentre(picture, 2, wanted) : Cropping.CropCentre(picture, wanted, 2);
            for (var i = 0; i < wanted; i++)
            {
                var from = i + start;
                for (var across = 0; across < 2; across++)
                    for (var c = 0; c < 3; c++)
                        Assert.Equal(from < 0 || from >= length ? 0 : At(picture, from, across, c), At(result, i, across, c));
            }

            int At(Picture p, int along, int across, int c) => p.Pixels[(((upright ? along : across) * p.Width) + (upright ? across : along)) * 3 + c];
        }
    }

    [Fact]
    public void Parts_outside_are_refused()
    {
        var picture = ImageFixtures.Draw(6, 5, 1);
        Assert.Equal([At(2, 3), At(3, 3), At(2, 4), At(3, 4)], Cropping.Crop(picture, new CropBox(2, 3, 2, 2)).Pixels);
        Assert.Same(picture, Cropping.Crop(picture, new CropBox(0, 0, 6, 5)));
        foreach (var box in new[] { new CropBox(-1, 0, 2, 2), new CropBox(5, 0, 2, 2), new CropBox(0, 4, 2, 2), new CropBox(0, 0, 0, 2), new CropBox(int.MaxValue, 0, 1, 1) })
            Assert.Throws<ArgumentOutOfRangeException>(() => Cropping.Crop(picture, box));

        byte At(int x, int y) => picture.Pixels[(y * 6) + x];
    }

    [Fact]
    public void Random_parts_keep_within_their_areas_and_aspects_and_reach_every_place()
    {
        const int width = 90, height = 60;
        var crop = new RandomResizedCrop();
        var random = new RandomStream(3);
        var boxes = Enumerable.Range(0, 4000).Select(_ => crop.Draw(width, height, random)).ToArray();
        foreach (var box in boxes)
        {
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Left + box.Width <= width && box.Top + box.Height <= height);
            // Sides are rounded to whole pixels, half a pixel each.
            Assert.InRange((box.Width + 0.5) * (box.Height + 0.5), 0.08 * width * height, double.MaxValue);
            Assert.InRange((double)box.Width / box.Height, (box.Width - 0.5) / (box.Width + 0.5) * 0.74, (box.Height + 0.5) / (box.Height - 0.5) * 1.35);
        }

        Assert.Contains(boxes, box => box.Left == 0 && box.Top > 0);
        Assert.Contains(boxes, box => box.Left + box.Width == width && box.Top + box.Height < height);
    }

    [Fact]
    public void Areas_and_the_logarithms_of_aspects_are_uniform()
    {
        // Up to 0.3 of the area fits with every aspect, so that no try is thrown away and the means are those of the uniform distributions.
        var crop = new RandomResizedCrop { MaxArea = 0.3 };
        var random = new RandomStream(4);
        var boxes = Enumerable.Range(0, 20_000).Select(_ => crop.Draw(900, 600, random)).ToArray();
        Assert.Equal(0.19, boxes.Average(box => box.Width * box.Height / 540_000.0), 0.002);
        Assert.Equal(0.22 / Math.Sqrt(12), Math.Sqrt(boxes.Average(box => Math.Pow((box.Width * box.Height / 540_000.0) - 0.19, 2))), 0.002);
        Assert.Equal(0, boxes.Average(box => Math.Log((double)box.Width / box.Height)), 0.005);
    }

    [Theory]
    [InlineData(100, 10, 43, 0, 13, 10)] // too wide: 10 · 4/3 = 13.3 columns
    [InlineData(10, 100, 0, 43, 10, 13)] // too high: 10 / (3/4) = 13.3 rows
    [InlineData(10, 10, 0, 0, 10, 10)]
    public void Where_no_part_fits_the_middle_is_taken(int width, int height, int left, int top, int newWidth, int newHeight)
    {
        // The whole area with an aspect between 3:4 and 4:3 does not fit in a strip, nor (unless it is drawn as exactly 1:1) in a square.
        var crop = new RandomResizedCrop { MinArea = 1, MinAspect = width == height ? 0.5 : 3.0 / 4, MaxAspect = width == height ? 2 : 4.0 / 3 };
        var box = Enumerable.Range(0, 20).Select(i => crop.Draw(width, height, new RandomStream((ulong)i))).Distinct().ToArray();
        Assert.Equal([new CropBox(left, top, newWidth, newHeight)], box);
    }

    [Fact]
    public void A_draw_is_a_function_of_its_stream_and_the_part_is_resized()
    {
        var picture = ImageFixtures.Draw(50, 40, 3);
        var crop = new RandomResizedCrop();
        var box = crop.Draw(50, 40, new RandomStream(5));
        var result = crop.Apply(picture, 16, Resampling.Bicubic, new RandomStream(5));
        Assert.Equal(Resampler.Resize(Cropping.Crop(picture, box), 16, 16, Resampling.Bicubic).Pixels, result.Pixels);
        Assert.NotEqual(box, crop.Draw(50, 40, new RandomStream(6)));
        Assert.Throws<InvalidOperationException>(() => new RandomResizedCrop { MinArea = 0 }.Draw(5, 5, new RandomStream(1)));
        Assert.Throws<InvalidOperationException>(() => new RandomResizedCrop { MinAspect = 2 }.Draw(5, 5, new RandomStream(1)));
    }
}
