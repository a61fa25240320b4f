using Sio.Data;
using Sio.Data.Store;
using Sio.Recipes;

namespace Sio.Tests.Data.Store;

public sealed class DataStoreTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Every_set_that_ships_makes_sense()
    {
        var all = DataSetCatalog.Load().All;
        Assert.Superset(
            new HashSet<string>
            {
                "cifar10", "cifar100", "cifar10-python", "cifar100-python", "mnist", "fashion-mnist", "svhn", "dtd", "places365", "tiny-imagenet", "notmnist",
                "sio-synthetic-cifar10", "sio-synthetic-cifar100", "openood-benchmark_imglist", "openood-cifar10", "openood-imagenet_1k",
            },
            new HashSet<string>(all.Select(set => set.Name)));
        Assert.Equal(all.Count, all.Select(set => set.Folder).Distinct().Count());
        Assert.All(all, set =>
        {
            Assert.True(Uri.TryCreate(set.Homepage, UriKind.Absolute, out _), set.Name);
            Assert.NotEmpty(set.Licence);
            // A sum without a source could be anyone's.
            Assert.Equal(set.Files.Any(file => file.Published is not null), set.SumsFrom is not null);
            Assert.All(set.Files, file => Assert.True(file.Published is null || file.Bytes is not null, file.Name));
        });
        var ids = all.SelectMany(set => set.Files).SelectMany(file => file.Addresses).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("summary: [a\n", "broken.yml:")]
    [InlineData("summary: {a: b\n", "broken.yml:")]
    [InlineData("", "broken.yml")]
    [InlineData("summary: a\nhomepage: b\nlicence: c\nfiles:\n  - {name: x, addresses: ['https://a/'], bytes: 9223372036854775807}\n  - {name: y, addresses: ['https://a/'], bytes: 9223372036854775807}\n", "broken.yml:5:")]
    public void One_broken_file_is_named_and_the_others_are_known(string yaml, string place)
    {
        _store.Describe("good", "https://example.org/x");
        File.WriteAllText(Path.Combine(_store.Store.Root, "sets", "broken.yml"), yaml);
        var catalog = _store.Store.Catalog;
        Assert.Equal("a set", catalog["good"].Summary);
        Assert.Contains(place, Assert.Single(catalog.Faults), StringComparison.Ordinal);
        Assert.Contains(place, Assert.Throws<DataException>(() => catalog["broken"]).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(catalog.All, set => set.Name == "broken");
    }

    [Fact]
    public void The_largest_sizes_add_up()
    {
        var file = (string name) => $"  - {{name: {name}, addresses: ['https://a/'], bytes: {1L << 50}}}\n";
        var set = DataSetInfo.Parse("a", "summary: a\nhomepage: b\nlicence: c\nfiles:\n" + file("x") + file("y"), "a.yml");
        Assert.Equal(1L << 51, set.DownloadBytes);
    }

    [Fact]
    public void The_folder_follows_the_environment()
    {
        Assert.Equal("/home/u/.cache/sio", Root([]));
        Assert.Equal("/cache/sio", Root(new() { ["XDG_CACHE_HOME"] = "/cache" }));
        Assert.Equal("/home/u/.cache/sio", Root(new() { ["XDG_CACHE_HOME"] = "relative" }));
        Assert.Equal("/data", Root(new() { ["XDG_CACHE_HOME"] = "/cache", ["SIO_DATA"] = "/data" }));
        Assert.Equal("/home/u/.cache/sio", Root(new() { ["SIO_DATA"] = "" }));

        static string Root(Dictionary<string, string> variables) => DataStore.DefaultRoot(variables.GetValueOrDefault, "/home/u");
    }

    [Theory]
    [InlineData("Up", "addresses: [\"http://x/\"]", "is no name of a data set")]
    [InlineData("a", "addresses: [\"ftp://x/\"]", "is no address")]
    [InlineData("a", "addresses: [\"gdrive:\"]", "is no address")]
    [InlineData("a", "addresses: []", "has no address")]
    [InlineData("a", "addresses: [\"http://x/\"]\n    sha256: abc", "is no SHA-256")]
    [InlineData("a", "addresses: [\"http://x/\"]\nplace: ../elsewhere", "leads out of its folder")]
    [InlineData("a", "addresses: [\"http://x/\"]\nplace: .sums", "begins with a dot")]
    public void Sets_of_one_s_own_are_checked(string name, string text, string expected)
    {
        var yaml = $"summary: s\nhomepage: h\nlicence: l\nfiles:\n  - name: f\n    {text}\n";
        var error = Assert.Throws<DataException>(() => DataSetInfo.Parse(name, yaml, "my.yml"));
        Assert.StartsWith("my.yml: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_keys_and_names_are_told()
    {
        Assert.Contains("unknown key 'licens'", Assert.Throws<RecipeException>(() => DataSetInfo.Parse("a", "summary: s\nlicens: l\n", "my.yml")).Message, StringComparison.Ordinal);
        Assert.Contains("there is no data set 'cifar11'", Assert.Throws<UnknownNameException>(() => _store.Store.StateOf("cifar11")).Message, StringComparison.Ordinal);
        Assert.Contains("'sio data fetch cifar10' downloads it", Assert.Throws<DataException>(() => _store.Store.Find("cifar10")).Message, StringComparison.Ordinal);
        Assert.Null(_store.Store.TryFind("cifar10"));
    }

    [Fact]
    public void A_check_says_what_is_gone_and_what_has_changed()
    {
        foreach (var link in new[] { false, true })
        {
            var name = link ? "linked" : "copied";
            var mine = Directory.CreateDirectory(_store.At($"mine-{name}/sub")).Parent!.FullName;
            foreach (var file in new[] { "one", "sub/two", "sub/three" })
                File.WriteAllText(Path.Combine(mine, file), file);
            _store.Describe(name, "http://localhost/x", file: "set.zip", top: "holds: [one]");
            new Importer(_store.Store).Import(name, mine, new ImportOptions { Link = link });
            Assert.Equal("sub/two", File.ReadAllText(Path.Combine(_store.Store.FolderOf(name), "sub/two")));
            Assert.True(new Checker(_store.Store).Check(name).IsGood);
            Assert.Equal(link ? mine : null, _store.Store.RecordOf(name).Folder);

            var seen = link ? mine : _store.Store.FolderOf(name);
            File.Delete(Path.Combine(seen, "one"));
            File.WriteAllText(Path.Combine(seen, "sub/two"), "sub/TWO");
            File.AppendAllText(Path.Combine(seen, "sub/three"), "x");
            var check = new Checker(_store.Store).Check(name);
            Assert.Equal(["one"], check.Missing);
            Assert.Equal(["sub/three", "sub/two"], check.Changed.Order());
            Assert.Equal(["sub/three"], new Checker(_store.Store).Check(name, sums: false).Changed);
        }

        Assert.Equal(DataSetState.Missing, new Checker(_store.Store).Check("cifar10").State);
    }

    [Fact]
    public void Imports_compare_published_sums()
    {
        var bytes = StoreFixture.Bytes(1000);
        var file = _store.At("renamed by the browser.bin");
        File.WriteAllBytes(file, bytes);
        _store.Describe("a", "http://localhost/x", $"sha256: {StoreFixture.Sha([1])}", top: "sums_from: them");
        var importer = new Importer(_store.Store);
        var error = Assert.Throws<DataException>(() => importer.Import("a", file));
        Assert.Contains($"has the SHA-256 {StoreFixture.Sha(bytes)}", error.Message, StringComparison.Ordinal);
        Assert.Contains("--any-version", error.Message, StringComparison.Ordinal);
        importer.Import("a", file, new ImportOptions { AnyVersion = true });
        Assert.False(_store.Store.RecordOf("a").Files[0].Published);
        Assert.Contains("already", Assert.Throws<DataException>(() => importer.Import("a", file)).Message, StringComparison.Ordinal);

        _store.Describe("b", "http://localhost/x", $"sha256: {StoreFixture.Sha(bytes)}");
        importer = new Importer(_store.Store);
        importer.Import("b", file, new ImportOptions { Link = true });
        Assert.Equal(file, new FileInfo(Path.Combine(_store.Store.FolderOf("b"), "data.bin")).LinkTarget);
        Assert.True(new Checker(_store.Store).Check("b").IsGood);
        Assert.Contains("not found", Assert.Throws<DataException>(() => importer.Import("mnist", _store.At("nothing"))).Message, StringComparison.Ordinal);
        Assert.Contains("made of 4 files", Assert.Throws<DataException>(() => importer.Import("mnist", file)).Message, StringComparison.Ordinal);
        Assert.Contains("was expected of 'cifar10'", Assert.Throws<DataException>(() => importer.Import("cifar10", Directory.CreateDirectory(_store.At("empty")).FullName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_of_several_files_is_taken_from_their_folder()
    {
        var mine = Directory.CreateDirectory(_store.At("mine")).FullName;
        File.WriteAllText(Path.Combine(mine, "one.bin"), "1");
        File.WriteAllText(
            Path.Combine(_store.Store.Root, "sets", "pair.yml"),
            $"""
            summary: s
            homepage: h
            licence: l
            sums_from: them
            holds: [one.bin, two.bin]
            files:
              - name: one.bin
                addresses: ["http://localhost/1"]
                sha256: {StoreFixture.Sha("1"u8.ToArray())}
              - name: two.bin
                addresses: ["http://localhost/2"]
                bytes: 2
            """);
        var importer = new Importer(_store.Store);
        Assert.Contains("has no two.bin, which 'pair' is made of too", Assert.Throws<DataException>(() => importer.Import("pair", mine)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(mine, "two.bin"), "222");
        Assert.Contains("has 3 bytes, 2 were expected", Assert.Throws<DataException>(() => importer.Import("pair", mine)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(mine, "two.bin"), "22");
        importer.Import("pair", mine);
        Assert.Equal([("one.bin", true), ("two.bin", false)], _store.Store.RecordOf("pair").Files.Select(file => (file.Name, file.Published)));
        Assert.True(new Checker(_store.Store).Check("pair").IsGood);
        Assert.True(File.Exists(Path.Combine(mine, "one.bin")));
    }

    [Fact]
    public void Links_out_of_an_imported_folder_are_refused()
    {
        var mine = Directory.CreateDirectory(_store.At("mine")).FullName;
        File.WriteAllText(Path.Combine(mine, "one"), "1");
        File.CreateSymbolicLink(Path.Combine(mine, "out"), "/etc/hostname");
        _store.Describe("a", "http://localhost/x", top: "holds: [one]");
        Assert.Contains("is a link that leaves", Assert.Throws<DataException>(() => new Importer(_store.Store).Import("a", mine)).Message, StringComparison.Ordinal);
        Assert.Equal(DataSetState.Missing, _store.Store.StateOf("a"));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(170052171, "170 MB")]
    [InlineData(1329278602, "1.33 GB")]
    [InlineData(99960, "100 kB")]
    public void Sizes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Size.Text(bytes));
}
