using FsCheck.Fluent;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class ImageSetTests
{
    [Fact]
    public void Selects_images_and_labels_in_order()
    {
        var picked = Numbered(5).Select([3, 0, 3], "picked");
        Assert.Equal("picked", picked.Name);
        Assert.Equal([6, 7, 0, 1, 6, 7], picked.Pixels);
        Assert.Equal([0, 0, 0], picked.Labels);
        Assert.Equal([6, 7], picked.Image(0).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Numbered(5).Select([5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Numbered(5).Select([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Numbered(5).Image(5));
    }

    [Fact]
    public void Keeps_classes_under_new_labels_and_holds_others_out()
    {
        var set = new ImageSet("all", [0, 1, 2, 3, 4, 5], [0, 1, 2, 1, -1, 2], 1, 1, 1, 3, ["zero", "one", "two"]);
        var kept = set.KeepClasses([2, 0]);
        Assert.Equal([0, 2, 5], kept.Pixels);
        Assert.Equal([1, 0, 0], kept.Labels);
        Assert.Equal(["two", "zero"], kept.ClassNames!);
        Assert.Equal([2, 1], kept.CountPerClass());

        var out1 = set.HoldOutClasses([1], "near");
        Assert.Equal(("near", 0), (out1.Name, out1.ClassCount));
        Assert.Equal([1, 3], out1.Pixels);
        Assert.Equal([-1, -1], out1.Labels);

        Assert.All(set.AsOutOfDistribution().Labels, l => Assert.Equal(ImageSet.OodLabel, l));
        Assert.Throws<ArgumentException>(() => set.KeepClasses([3]));
        Assert.Throws<ArgumentException>(() => set.KeepClasses([1, 1]));
    }

    [Fact]
    public void Takes_a_stratified_seeded_part() =>
        Properties.ForAll(Gen.Choose(0, 60).Zip(Gen.Choose(0, 1000)), c =>
        {
            var (count, seed) = c;
            var set = Numbered(60);
            var part = set.Take(count, seed);
            Assert.Equal(count, part.Count);
            Assert.Equal(part.Pixels, set.Take(count, seed).Pixels);
            var first = part.Pixels.Where((_, i) => i % 2 == 0).ToArray();
            Assert.Equal(first.Order(), first);
            Assert.Equal(count, first.Distinct().Count());
            var shares = part.CountPerClass();
            for (var k = 0; k < 3; k++)
                Assert.InRange(shares[k] - (count / 3.0), -1, 1);
            Assert.Equal(count, set.Take(count, seed, stratified: false).Count);
            var rest = set.TakeRest(count, seed).Pixels.Where((_, i) => i % 2 == 0).ToArray();
            Assert.Equal(rest.Order(), rest);
            Assert.Equal(set.Pixels.Where((_, i) => i % 2 == 0), first.Concat(rest).Order());
        });

    [Fact]
    public void Another_seed_takes_other_images()
    {
        Assert.NotEqual(Numbered(60).Take(20, 1).Pixels, Numbered(60).Take(20, 2).Pixels);
        Assert.Throws<ArgumentOutOfRangeException>(() => Numbered(5).Take(6, 1));
    }

    [Fact]
    public void Joins_sets_of_one_kind()
    {
        var joined = ImageSet.Concat("both", Numbered(2), Numbered(1));
        Assert.Equal([0, 1, 2, 3, 0, 1], joined.Pixels);
        Assert.Equal([0, 1, 0], joined.Labels);
        var wider = new ImageSet("wider", [1, 2, 3], [0], 1, 1, 3, 3);
        Assert.Contains("sizes differ", Assert.Throws<ArgumentException>(() => ImageSet.Concat("x", Numbered(1), wider)).Message, StringComparison.Ordinal);
        var more = new ImageSet("more", [1, 2], [0], 1, 1, 2, 4);
        Assert.Contains("classes differ", Assert.Throws<ArgumentException>(() => ImageSet.Concat("x", Numbered(1), more)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageSet.Concat("x"));
    }

    [Fact]
    public void The_hash_is_of_shape_pixels_and_labels()
    {
        var set = Numbered(2);
        // SHA-256 of "sio-image-set 1\n", four sizes, four pixels and two labels, computed in Python.
        Assert.Equal("c66177fd67fb935b5f45d139ee571c0327aa2b411b737e3560b16aa33cee0ceb", set.ContentHash);
        Assert.Equal(set.ContentHash, set.Select([0, 1], "another name").ContentHash);
        string[] others =
        [
            new ImageSet("a", set.Pixels, set.Labels, 1, 2, 1, 3).ContentHash,
            new ImageSet("a", set.Pixels, [0, 2], 1, 1, 2, 3).ContentHash,
            new ImageSet("a", [0, 1, 2, 4], set.Labels, 1, 1, 2, 3).ContentHash,
            set.ContentHash,
        ];
        Assert.Equal(4, others.Distinct().Count());
    }

    [Fact]
    public void Refuses_what_does_not_fit_together()
    {
        Refused("are not 2 images", () => new ImageSet("a", new byte[3], [0, 0], 1, 1, 2, 1));
        Refused("Label 1 of image 1", () => new ImageSet("a", new byte[2], [0, 1], 1, 1, 1, 1));
        Refused("Label -2 of image 0", () => new ImageSet("a", new byte[1], [-2], 1, 1, 1, 1));
        Refused("class names", () => new ImageSet("a", [], [], 1, 1, 1, 1, []));
        Refused("channels", () => new ImageSet("a", [], [], 0, 1, 1, 1));
        Refused("are not 1 images", () => new ImageSet("a", [], [0], int.MaxValue, int.MaxValue, int.MaxValue, 1));

        static void Refused(string expected, Func<ImageSet> make) =>
            Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    /// <summary>Images of two pixels 2i, 2i + 1, labels 0, 1, 2, 0, ….</summary>
    private static ImageSet Numbered(int count) => new(
        "numbered",
        [.. Enumerable.Range(0, 2 * count).Select(i => (byte)i)],
        [.. Enumerable.Range(0, count).Select(i => i % 3)],
        1, 1, 2, 3);
}
