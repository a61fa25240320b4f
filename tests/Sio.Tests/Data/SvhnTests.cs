using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>MATLAB files that scipy wrote: <c>Fixtures/readers/make_readers.py</c>.</summary>
public sealed class SvhnTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pixels_and_labels_are_those_that_scipy_wrote()
    {
        var set = Svhn.LoadFile(Fixture("svhn.mat"));
        Assert.Equal((4, 3, 32, 32, 10), (set.Count, set.Channels, set.Height, set.Width, set.ClassCount));
        Assert.Equal([0, 1, 2, 9], set.Labels);
        for (var n = 0; n < 4; n++)
        {
            for (var i = 0; i < 3072; i++)
            {
                var (channel, row, column) = (i / 1024, i / 32 % 32, i % 32);
                Assert.Equal((byte)((3 * row) + (5 * column) + (70 * channel) + (11 * n)), set.Image(n)[i]);
            }
        }

        // Not compressed, labels as doubles; and one image, whose last size MATLAB drops.
        var plain = Svhn.LoadFile(Fixture("svhn-plain.mat"));
        Assert.Equal(set.Take(2, 0, stratified: false).Count, plain.Count);
        Assert.Equal(set.Image(1).ToArray(), plain.Image(1).ToArray());
        Assert.Equal([0, 1], plain.Labels);
        var one = Svhn.LoadFile(Fixture("svhn-one.mat"));
        Assert.Equal([7], one.Labels);
        Assert.Equal(set.Image(0).ToArray(), one.Image(0).ToArray());
    }

    [Fact]
    public void A_folder_has_both_splits()
    {
        File.Copy(Fixture("svhn.mat"), _folder.File("train_32x32.mat"));
        File.Copy(Fixture("svhn-one.mat"), _folder.File("test_32x32.mat"));
        Assert.Equal(4, Svhn.Load(Split.Train, _folder.Path).Count);
        Assert.Equal(1, Svhn.Load(Split.Test, _folder.Path).Count);
        File.Delete(_folder.File("test_32x32.mat"));
        Assert.Contains("test_32x32.mat: not found", Assert.Throws<DataException>(() => Svhn.Load(Split.Test, _folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("svhn-float.mat", "of Single, H×W×3×N of UInt8 was expected")]
    [InlineData("svhn-labels.mat", "image 0 has the label 11, 1 to 10 was expected")]
    public void Other_arrays_are_refused(string file, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => Svhn.LoadFile(Fixture(file))).Message, StringComparison.Ordinal);

    [Fact]
    public void Damage_is_one_clear_error()
    {
        var path = _folder.File("x.mat");
        foreach (var fixture in new[] { "svhn.mat", "svhn-plain.mat" })
        {
            var whole = File.ReadAllBytes(Fixture(fixture));
            for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 40))
            {
                File.WriteAllBytes(path, whole[..length]);
                Assert.StartsWith(path, Assert.Throws<DataException>(() => Svhn.LoadFile(path)).Message, StringComparison.Ordinal);
            }

            var random = new Random(2);
            for (var round = 0; round < 400; round++)
            {
                var damaged = whole.ToArray();
                damaged[random.Next(fixture == "svhn.mat" ? damaged.Length : 300)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, damaged);
                try
                {
                    Svhn.LoadFile(path);
                }
                catch (DataException error)
                {
                    Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
                }
            }
        }

        File.WriteAllBytes(path, [.. "MATLAB 7.3 MAT-file"u8, .. new byte[600]]);
        Assert.Contains("version 7.3 (HDF5)", Assert.Throws<DataException>(() => Svhn.LoadFile(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, new byte[600]);
        Assert.Contains("is no MATLAB file of version 5", Assert.Throws<DataException>(() => Svhn.LoadFile(path)).Message, StringComparison.Ordinal);
        var only = Assert.Throws<DataException>(() => MatFile.Read(Fixture("svhn.mat"), "X", "z"));
        Assert.Contains("has no array 'z'", only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_in_the_packed_pixels_is_seen()
    {
        var damaged = File.ReadAllBytes(Fixture("svhn.mat"));
        // The elements' own zlib checksum is at their end.
        damaged[^5] ^= 1;
        File.WriteAllBytes(_folder.File("x.mat"), damaged);
        Assert.Throws<DataException>(() => Svhn.LoadFile(_folder.File("x.mat")));
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "readers", name);
}
