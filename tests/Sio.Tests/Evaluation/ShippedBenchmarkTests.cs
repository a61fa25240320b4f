using Sio.Data;
using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;
using Sio.Tests.Data;
using Sio.Tests.Data.Store;
using static Sio.Tests.Data.Store.MisbehavingServer;

namespace Sio.Tests.Evaluation;

/// <summary>Fashion-MNIST's benchmark where only what ships is here, and where the whole set is.</summary>
public sealed class ShippedBenchmarkTests : IDisposable
{
    private const string Name = "fashion_mnist_6_4";

    private readonly TempFolder _folder = new();
    private readonly StoreFixture _fixture = new();
    private readonly DataStore _empty;

    public ShippedBenchmarkTests() => _empty = new DataStore(_folder.File("store")) { LooksInSystemFolders = false };

    public void Dispose()
    {
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_quickstart_s_images_are_here_without_a_download()
    {
        var data = Load(new BenchmarkOptions { TrainImages = 500 });
        Assert.Equal("47352bd795ca754fdbb65e0b1b49a8f8f254ec4990ba3a4f0b05972591f7a212", data.Train.ContentHash);
        Assert.Equal("67fda7d64b2ae1186d150d2de540b6c4148d6ca86d67f705fdd3bbee9488138e", data.Validation!.ContentHash);
        Assert.Equal((6000, 4000), (data.Test.Count, Assert.Single(data.Near).Count));
        Assert.Equal(["optdigits", "gaussian", "uniform", "blobs", "gratings"], data.Far.Select(set => set.Name));
        Assert.Empty(data.Missing);
        Assert.Empty(data.Notes);
        Assert.Empty(BenchmarkCatalog.MissingOf(Name, new BenchmarkOptions(), _empty));
        data.Check();

        // Fewer validation images of the same draw, or none with another number of training images.
        Assert.Equal(100, Load(new BenchmarkOptions { TrainImages = 500, ValidationImages = 100 }).Validation!.Count);
        Assert.Equal(200, Load(new BenchmarkOptions { TrainImages = 200, ValidationImages = 0 }).Train.Count);
    }

    [Fact]
    public void Digits_are_brought_to_the_size_of_the_clothes()
    {
        var digits = Load(new BenchmarkOptions { TrainImages = 500 }).Far[0];
        Assert.Equal((1797, 1, 28, 28, 0), (digits.Count, digits.Channels, digits.Height, digits.Width, digits.ClassCount));
        Assert.All(digits.Labels, label => Assert.Equal(ImageSet.OodLabel, label));

        // The first is a zero: ink around a hole, and none in the corners.
        var zero = digits.Image(0).ToArray();
        var row = zero[(14 * 28)..(15 * 28)];
        Assert.True(row[8] > 90 && row[19] > 90 && row[13] < 30 && zero[0] == 0 && zero[^1] == 0, string.Join(' ', zero));
    }

    [Theory]
    [InlineData(null, 0, 1000)]
    [InlineData(501, 0, 0)]
    [InlineData(400, 0, 1000)]
    [InlineData(500, 2, 0)]
    public void Images_that_do_not_ship_are_asked_for_and_none_takes_their_place(int? images, int seed, int validation)
    {
        var options = new BenchmarkOptions { TrainImages = images, SubsetSeed = seed, ValidationImages = validation };
        var error = Assert.Throws<DataException>(() => Load(options));
        Assert.StartsWith("fashion_mnist_6", error.Message, StringComparison.Ordinal);
        Assert.Contains("do not ship with the program", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("'sio data fetch fashion-mnist' (or Debian's package dataset-fashion-mnist) brings them all", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void As_another_s_out_of_distribution_images_the_training_set_is_whole_or_missing()
    {
        var (own, id) = (_folder.File("mine.yml"), _folder.File("id.npz"));
        Npz.Write(id, ("images", NpyArray.Create(new byte[4 * 784], 4, 28, 28)), ("labels", NpyArray.Create([0L, 1, 0, 1])));
        File.WriteAllText(
            own,
            """
            train: id.npz
            test: id.npz
            near: {clothes: set:fashion-mnist/test}
            far: {more: set:fashion-mnist/train, all: set:fashion-mnist/all, digits: shipped:optdigits}
            """);
        var data = BenchmarkCatalog.Load(own, new BenchmarkOptions(), _empty);
        Assert.Equal(10_000, Assert.Single(data.Near).Count);
        Assert.Equal(["digits"], data.Far.Select(set => set.Name));
        Assert.Equal(["more", "all"], data.Missing.Select(set => set.Name));
        Assert.All(data.Missing, set => Assert.Contains("sio data fetch fashion-mnist", set.Hint, StringComparison.Ordinal));
        Assert.Equal(["more", "all"], BenchmarkCatalog.MissingOf(own, new BenchmarkOptions(), _empty).Select(set => set.Name));

        // A set that does not ship is named.
        File.WriteAllText(own, "train: id.npz\ntest: id.npz\nfar: {digits: shipped:digits}\n");
        var error = Assert.Throws<DataException>(() => BenchmarkCatalog.Load(own, new BenchmarkOptions(), _empty));
        Assert.Contains("'digits' that ships with the program was expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_set_that_was_fetched_is_taken_instead()
    {
        // As the publishers' server has it: four gzipped files, each with its checksum. The images are ours.
        var files = new Dictionary<string, byte[]>
        {
            ["train-images-idx3-ubyte.gz"] = IdxFiles.Gzip(IdxFiles.Images(40, 28, 28)),
            ["train-labels-idx1-ubyte.gz"] = IdxFiles.Gzip(IdxFiles.Labels([.. Enumerable.Range(0, 40).Select(i => (byte)(i % 10))])),
            ["t10k-images-idx3-ubyte.gz"] = IdxFiles.Gzip(IdxFiles.Images(20, 28, 28)),
            ["t10k-labels-idx1-ubyte.gz"] = IdxFiles.Gzip(IdxFiles.Labels([.. Enumerable.Range(0, 20).Select(i => (byte)(i % 10))])),
        };
        using var server = new MisbehavingServer((ask, _, stream) => Serve(ask, stream, files[ask.Path[(ask.Path.LastIndexOf('/') + 1)..]]));
        var shipped = DataSetCatalog.Load()["fashion-mnist"];
        Assert.Equal(files.Keys, shipped.Files.Select(file => file.Name));
        Assert.All(shipped.Files, file => Assert.NotNull(file.Sha256));
        var entries = files.Select(file =>
            $"""
              - name: {file.Key}
                addresses: ["{server.Address}{file.Key}"]
                bytes: {file.Value.Length}
                sha256: {StoreFixture.Sha(file.Value)}

            """);
        var holds = string.Join(", ", shipped.Holds);
        File.WriteAllText(
            _fixture.At("store/sets/fashion-mnist.yml"),
            $"summary: s\nhomepage: https://example.org/\nlicence: MIT\nsums_from: us\nholds: [{holds}]\nfiles:\n{string.Concat(entries)}");
        Assert.True(await _fixture.FetchAsync("fashion-mnist"));

        var data = BenchmarkCatalog.Load(Name, new BenchmarkOptions(), _fixture.Store);
        Assert.Equal((24, 12, 8), (data.Train.Count, data.Test.Count, Assert.Single(data.Near).Count));
        Assert.Equal(4, server.Asks.Count);
    }

    private BenchmarkData Load(BenchmarkOptions options) => BenchmarkCatalog.Load(Name, options, _empty);
}
