using System.IO.Compression;
using System.Security.Cryptography;
using Sio.Data;
using Sio.Tests.Data.Store;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio data</c> as a user runs it, against a server on this machine.</summary>
public sealed class DataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;

    private string Store => Path.Combine(_root, "store");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_list_has_every_set_and_details_on_request()
    {
        var list = SioProcess.RunWith("SIO_DATA", Store, "data", "list");
        list.Succeeded();
        Assert.StartsWith($"Data sets in {Store}:", list.Output, StringComparison.Ordinal);
        foreach (var part in new[] { "cifar10 ", "svhn ", "tiny-imagenet ", "openood-benchmark_imglist ", "sio-synthetic-cifar10 ", "170 MB" })
            Assert.Contains(part, list.Output, StringComparison.Ordinal);
        var svhn = SioProcess.Run("data", "list", "svhn", "--data", Store);
        Assert.Contains("SHA-256 435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8", svhn.Output, StringComparison.Ordinal);
        Assert.Contains("non-commercial", svhn.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Store));
        var unknown = SioProcess.Run("data", "fetch", "cifar11", "--data", Store);
        Assert.Equal(1, unknown.ExitCode);
        Assert.StartsWith("error: there is no data set 'cifar11'; there are: cifar10, ", unknown.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, SioProcess.Run("data", "fetch", "cifar10", "--mirror", "nowhere").ExitCode);
    }

    [Fact]
    public async Task Fetch_check_repair_and_import()
    {
        var archive = Zip(("a.txt", "the content"));
        using var server = new MisbehavingServer((ask, _, stream) => ask.Path == "/mirror/set/set.zip"
            ? MisbehavingServer.Serve(ask, stream, archive)
            : MisbehavingServer.Text(stream, "404 Not Found", "").AsTask());
        Describe("set", server.Address + "gone.zip", archive);
        var failed = SioProcess.Run("data", "fetch", "set", "--data", Store);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("404 Not Found: it is not there (any more)", failed.ErrorLine, StringComparison.Ordinal);

        var fetched = SioProcess.Run("data", "fetch", "set", "--data", Store, "--mirror", server.Address + "mirror");
        fetched.Succeeded();
        Assert.Contains("licence: none", fetched.Output, StringComparison.Ordinal);
        Assert.Contains("the sum is the published one", fetched.Output, StringComparison.Ordinal);
        Assert.Contains($"set: 1 files, 11 B, in {Store}/set", fetched.Output, StringComparison.Ordinal);
        Assert.Contains("is there already", SioProcess.Run("data", "fetch", "set", "--data", Store).Output, StringComparison.Ordinal);
        Assert.Contains("set: good, 1 files with the sums", SioProcess.Run("data", "check", "--data", Store).Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(Store, "set", "a.txt"), "the CONTENT");
        SioProcess.Run("data", "check", "set", "--quick", "--data", Store).Succeeded();
        var damaged = SioProcess.Run("data", "check", "set", "cifar10", "--data", Store);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("1 have changed (a.txt); delete", damaged.Output, StringComparison.Ordinal);
        Assert.Contains("cifar10: not here; 'sio data fetch cifar10' downloads it", damaged.Output, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(Store, "set"), recursive: true);
        var mine = Path.Combine(_root, "set.zip");
        await File.WriteAllBytesAsync(mine, archive);
        SioProcess.Run("data", "import", "set", mine, "--data", Store).Succeeded();
        Assert.Contains("here", SioProcess.Run("data", "list", "--here", "--data", Store).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_without_warning_it_goes_on_where_it_was()
    {
        var archive = Zip(("a.txt", Convert.ToBase64String(RandomNumberGenerator.GetBytes(400_000))));
        var half = new TaskCompletionSource();
        using var server = new MisbehavingServer(async (ask, number, stream) =>
        {
            await MisbehavingServer.Serve(ask, stream, archive, breakAfter: number == 0 ? archive.Length / 2 : null);
            if (number == 0)
            {
                await stream.FlushAsync();
                half.SetResult();
                await Task.Delay(TimeSpan.FromSeconds(60));
            }
        });
        Describe("set", server.Address + "set.zip", archive);
        using (var process = SioProcess.Start(null, "data", "fetch", "set", "--data", Store))
        {
            await half.Task;
            var part = Path.Combine(Store, ".downloads", "set", "set.zip.part");
            for (var i = 0; i < 200 && (!File.Exists(part) || new FileInfo(part).Length < archive.Length / 4); i++)
                await Task.Delay(50);
            SioProcess.Signal(process, "KILL");
            SioProcess.Finish(process);
        }

        Assert.False(Directory.Exists(Path.Combine(Store, "set")));
        var begun = SioProcess.Run("data", "check", "set", "--data", Store);
        Assert.Equal(1, begun.ExitCode);
        Assert.Contains("are downloaded; 'sio data fetch set' goes on", begun.Output, StringComparison.Ordinal);
        SioProcess.Run("data", "fetch", "set", "--data", Store).Succeeded();
        Assert.InRange(server.Asks[1].From, archive.Length / 4, archive.Length / 2);
        SioProcess.Run("data", "check", "set", "--data", Store).Succeeded();
    }

    [Fact]
    public void Inspect_finds_what_was_copied()
    {
        using var folder = new TestFolder();
        var found = SioProcess.Run("data", "inspect", folder.Synthetic, "--against", folder.Recipe, "--out", folder.At("look"));
        found.Succeeded();
        Assert.Contains("120 synthetic images of 1×28×28, 180 real training images, 36 held-out ones.", found.Output, StringComparison.Ordinal);
        Assert.Contains("pullover", found.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.At("look/contact-sheet.png")));
        Assert.All(found.Output.Split('\n'), line => Assert.True(line.Length <= 80 || line.Contains(folder.Root, StringComparison.Ordinal), line));
    }

    [Fact]
    public void A_benchmark_finds_its_set_in_the_store()
    {
        const int record = 3073, each = 20;
        var files = Directory.CreateDirectory(Path.Combine(_root, "mine", "cifar-10-batches-bin")).FullName;
        foreach (var name in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" })
        {
            var bytes = RandomNumberGenerator.GetBytes(each * record);
            for (var i = 0; i < each; i++)
                bytes[i * record] = (byte)(i % 10);
            File.WriteAllBytes(Path.Combine(files, name + ".bin"), bytes);
        }

        var train = Cifar10.Load(Split.Train, files);
        var set = Path.Combine(_root, "copied.npz");
        // Channels last, as synthetic sets have them: the first ten training images.
        var pixels = new byte[10 * 3072];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = train.Image(i / 3072)[(i % 3 * 1024) + (i % 3072 / 3)];
        Npz.Write(set, ("images", NpyArray.Create(pixels, 10, 32, 32, 3)), ("labels", NpyArray.Create(Array.ConvertAll(train.Labels[..10], label => (long)label))));

        string[] inspect = ["data", "inspect", set, "--against", "cifar10", "--out", Path.Combine(_root, "look")];
        var without = SioProcess.RunWith("SIO_DATA", Store, inspect);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains($"data.folder, or {Store}: ", without.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("'sio data fetch cifar10'", without.ErrorLine, StringComparison.Ordinal);
        SioProcess.RunWith("SIO_DATA", Store, "data", "import", "cifar10", Path.Combine(_root, "mine"), "--link").Succeeded();
        var found = SioProcess.RunWith("SIO_DATA", Store, inspect);
        found.Succeeded();
        Assert.Contains("Same as a training image, bit by bit               10  100.00 %", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Benchmarks_say_what_of_them_is_here()
    {
        var all = SioProcess.RunWith("SIO_DATA", Store, "data", "benchmarks");
        all.Succeeded();
        Assert.Contains("cifar10  CIFAR-10 as in SIO", all.Output, StringComparison.Ordinal);
        Assert.Contains("    not here: train (ID), test (ID), cifar100, mnist, svhn, texture, places365", all.Output, StringComparison.Ordinal);
        var one = SioProcess.RunWith("SIO_DATA", Store, "data", "benchmarks", "imagenet-dogs");
        Assert.Contains("known classes: 151-250; neither known nor held out: 251-268", one.Output, StringComparison.Ordinal);
        Assert.Contains("near: imagenet_non_dogs = held-out", one.Output, StringComparison.Ordinal);
        Assert.Contains("there is no benchmark 'cifar'", SioProcess.Run("data", "benchmarks", "cifar").ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_ends_with_examples()
    {
        foreach (var command in new[] { "list", "benchmarks", "fetch", "check", "import", "inspect" })
            Assert.Contains($"  sio data {command}", SioProcess.Run("data", command, "--help").Output, StringComparison.Ordinal);
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }
        }

        return memory.ToArray();
    }

    private void Describe(string name, string address, byte[] content)
    {
        Directory.CreateDirectory(Path.Combine(Store, "sets"));
        File.WriteAllText(
            Path.Combine(Store, "sets", name + ".yml"),
            $"""
            summary: a small set
            homepage: https://example.org/
            licence: none
            sums_from: the test
            files:
              - name: {name}.zip
                addresses: ["{address}"]
                sha256: {Convert.ToHexStringLower(SHA256.HashData(content))}
                unpack: zip
            """);
    }
}
