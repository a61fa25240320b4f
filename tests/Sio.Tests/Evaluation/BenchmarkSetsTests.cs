using System.Formats.Tar;
using System.Text;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

/// <summary>The benchmarks that come with the program, on small made-up files in the forms in which people have them.</summary>
public sealed class BenchmarkSetsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DataStore _store;

    public BenchmarkSetsTests() => _store = new DataStore(_folder.File("store")) { LooksInSystemFolders = false };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_file_that_comes_with_the_program_is_well_formed()
    {
        Assert.Equal(
            ["cifar10", "cifar100", "cifar100_openood_1.0", "cifar100_openood_1.5", "cifar10_openood_1.0", "cifar10_openood_1.5", "cifar_50_50", "cifar_6_4", "fashion_mnist_6_4", "files",
             "imagenet-10", "imagenet-dogs", "imagenet_1k", "imagenet_200", "mnist", "mnist_6_4", "tin_20_180"],
            BenchmarkCatalog.Names);
        foreach (var name in BenchmarkCatalog.Names.Where(name => name != BenchmarkCatalog.OwnFiles))
        {
            var file = BenchmarkCatalog.Get(name);
            Assert.Equal(name, file.Name);
            Assert.NotEmpty(file.Summary!);
            // Sources are looked at: one that makes no sense would throw. Nothing of it is here but what ships.
            var missing = BenchmarkCatalog.MissingOf(name, new BenchmarkOptions(), _store);
            Assert.All(missing, set => Assert.NotEmpty(set.Hint));
            if (name != "fashion_mnist_6_4")
                Assert.Contains(missing, set => set is { Name: "train", Group: "ID" });
        }

        Assert.Throws<UnknownNameException>(() => BenchmarkCatalog.Get("cifar"));
    }

    [Fact]
    public void Cifar_10_runs_on_the_sets_that_are_there()
    {
        Cifar10Files("data");
        var options = new BenchmarkOptions { Folder = _folder.File("data") };

        var data = Load("cifar10", options);
        Assert.Equal((50, 18, 2), (data.Train.Count, data.Test.Count, data.Validation!.Count));
        Assert.Equal(("cifar10", "cifar10", "cifar10_validation"), (data.Train.Name, data.Test.Name, data.Validation.Name));
        Assert.Empty(Pictures(data.Test).Intersect(Pictures(data.Validation)));
        Assert.Empty(data.Near);
        Assert.Equal(["cifar100", "mnist", "svhn", "texture", "places365"], data.Missing.Select(set => set.Name));
        Assert.Equal(["near", "far", "far", "far", "far"], data.Missing.Select(set => set.Group));
        Assert.Contains("sio data fetch svhn", data.Missing[2].Hint, StringComparison.Ordinal);

        // Sets beside it, each in its own folder, are brought to its size; what lies elsewhere is found too.
        Pictures("data/dtd/images/banded", 3, 50, 40);
        Pictures("store/places365/val_256", 2, 256, 256);
        Idx("data/mnist", "t10k", 5);
        Directory.CreateDirectory(_folder.File("data/cifar-100-binary"));
        File.WriteAllBytes(_folder.File("data/cifar-100-binary/test.bin"), new byte[3 * 3074]);
        data = Load("cifar10", options);
        Assert.Equal(["cifar100", "mnist", "texture", "places365"], data.Near.Concat(data.Far).Select(set => set.Name));
        Assert.Equal([3, 5, 3, 2], data.Near.Concat(data.Far).Select(set => set.Count));
        Assert.All(data.Near.Concat(data.Far), set => Assert.Equal((3, 32, 32, 0), (set.Channels, set.Height, set.Width, set.ClassCount)));
        Assert.Equal(["svhn"], data.Missing.Select(set => set.Name));

        // A grey picture has three equal channels, and MNIST's train images make it all of MNIST.
        var digit = data.Far[0].Image(0);
        Assert.Equal(digit[..1024].ToArray(), digit[2048..].ToArray());
        Idx("data/mnist", "train", 4);
        Assert.Equal(9, Load("cifar10", options).Far[0].Count);
        Assert.Equal(6, Load("cifar10", options with { Far = new Dictionary<string, string> { ["more"] = _folder.File("data/dtd/images/banded") } }).Far.Count + 2);
    }

    [Fact]
    public void OpenOOD_s_tree_and_lists_are_taken_as_they_are()
    {
        Pictures("ood/images_classic/cifar10/test/cat", 4, 32, 32);
        Pictures("ood/images_classic/cifar10/train/cat", 6, 32, 32);
        Pictures("ood/images_classic/mnist/test", 2, 28, 28, channels: 1);
        Pictures("ood/images_classic/tin/test", 3, 64, 64);
        List("cifar10/train_cifar10.txt", Enumerable.Range(0, 6).Select(i => $"cifar10/train/cat/{i}.png {i % 3}"));
        List("cifar10/val_cifar10.txt", ["cifar10/test/cat/0.png 2"]);
        List("cifar10/test_cifar10.txt", ["cifar10/test/cat/3.png 1", "cifar10/test/cat/1.png 2", "cifar10/test/cat/2.png 0"]);
        List("cifar10/test_mnist.txt", ["mnist/test/1.png -1"]);
        List("cifar10/test_tin.txt", ["tin/test/2.png -1", "tin/test/0.png -1"]);
        List("cifar10/test_svhn.txt", ["svhn/test/0.png -1"]); // whose images are not there
        List("cifar10/val_tin.txt", ["tin/test/1.png -1"]);

        var data = Load("cifar10_openood_1.5", new BenchmarkOptions { Folder = _folder.File("ood") });

        Assert.Equal((6, 1, 3, 3), (data.Train.Count, data.Validation!.Count, data.Test.Count, data.Test.ClassCount));
        Assert.Equal([1, 2, 0], data.Test.Labels);
        Assert.Equal([2], data.Validation.Labels);
        Assert.Equal(("tin", 2), (Assert.Single(data.Near).Name, data.Near[0].Count));
        Assert.Equal("mnist", Assert.Single(data.Far).Name);
        Assert.Equal(1, data.ValidationOod!.Count);
        Assert.Equal(["cifar100", "svhn", "texture", "places365"], data.Missing.Select(set => set.Name));

        // SIO leaves Tiny ImageNet out; an image that a list names and that is missing stops it.
        Assert.Empty(Load("cifar10", new BenchmarkOptions { Folder = _folder.File("ood") }).Near);
        List("cifar10/test_mnist.txt", ["mnist/test/1.png -1", "mnist/test/7.png -1"]);
        Assert.Contains("7.png", Assert.Throws<DataException>(() => Load("cifar10", new BenchmarkOptions { Folder = _folder.File("ood") })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_set_splits_hold_out_the_other_classes()
    {
        Cifar10Files("data");
        var options = new BenchmarkOptions { Folder = _folder.File("data") };
        var (one, two) = (Load("cifar_6_4", options), Load("cifar_6_4", options with { Split = 2 }));

        Assert.Equal((30, 6, 11, 1), (one.Train.Count, one.Train.ClassCount, one.Test.Count, one.Validation!.Count));
        var near = Assert.Single(one.Near);
        Assert.Equal(("cifar_4", 8), (near.Name, near.Count));
        Assert.Empty(Pictures(near).Intersect(Pictures(one.Test)));
        Assert.NotEqual(one.SyntheticLabels, two.SyntheticLabels);
        Assert.Equal(one.SyntheticLabels, Load("cifar_6_4", options).SyntheticLabels);
        // Label 0 is the first known class in the set's own order, whose images say in their pixels which class they are.
        Assert.All(Enumerable.Range(0, one.Train.Count), i => Assert.Equal(one.SyntheticLabels![one.Train.Labels[i]], one.Train.Image(i)[0]));

        // OpenOOD's own lists win where they are.
        Pictures("data/images_classic/cifar10/test/cat", 3, 32, 32);
        foreach (var list in new[] { "train/train_cifar6", "val/val_cifar6", "test/test_cifar6_id" })
            List($"osr_cifar6/{list}_seed2.txt", ["cifar10/test/cat/0.png 0", "cifar10/test/cat/1.png 5"], "data");
        List("osr_cifar6/test/test_cifar6_ood_seed2.txt", ["cifar10/test/cat/2.png -1"], "data");
        var lists = Load("cifar_6_4", options with { Split = 2 });
        Assert.Equal((2, 2, 1), (lists.Train.Count, lists.Test.Count, lists.Near[0].Count));
        Assert.Null(lists.SyntheticLabels);

        // What is held out by our rule is not what OpenOOD's lists hold out: without its list, the set is missing.
        File.Delete(_folder.File("data/benchmark_imglist/osr_cifar6/test/test_cifar6_ood_seed2.txt"));
        lists = Load("cifar_6_4", options with { Split = 2 });
        Assert.Empty(lists.Near);
        Assert.Equal("cifar_4", Assert.Single(lists.Missing).Name);
        File.Delete(_folder.File("data/benchmark_imglist/osr_cifar6/test/test_cifar6_id_seed2.txt"));
        Assert.Contains("both or neither", Assert.Throws<DataException>(() => Load("cifar_6_4", options with { Split = 2 })).Message, StringComparison.Ordinal);
        var held = new Dictionary<string, string> { ["others"] = "held-out" };
        Assert.Contains("names no known ones", Assert.Throws<DataException>(() => Load("cifar10", options with { Near = held })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_of_one_s_own_are_prepared_once_and_have_known_classes_too()
    {
        foreach (var name in new[] { "ants", "bees", "cats" })
        {
            Pictures($"train/{name}", 3, 40, 30);
            Pictures($"test/{name}", 2, 30, 40);
        }

        File.WriteAllText(_folder.File("own.yml"), "size: 16\nshorter_side: 20\nclasses: 2, 0\ntrain: train\ntest: test\nnear: {bees: held-out, others: nowhere | test/ants}\n");
        var data = Load(_folder.File("own.yml"), new BenchmarkOptions());

        Assert.Equal((6, 4, 2), (data.Train.Count, data.Test.Count, data.Train.ClassCount));
        Assert.Equal(["cats", "ants"], data.Train.ClassNames!);
        Assert.Equal([2, 2], data.Near.Select(set => set.Count));
        var bees = ImageSets.Open(ImageListing.FromFolder(_folder.File("test/bees")), "bees", ImagePreparation.Square(16, 20));
        Assert.Equal(bees.Pixels, data.Near[0].Pixels);
        Assert.Equal([ImageSet.OodLabel, ImageSet.OodLabel], data.Near[0].Labels);

        File.WriteAllText(_folder.File("own.yml"), "size: 16\ntrain: train\ntest: test\nfar: {others: nowhere}\n");
        Assert.Equal("others", Assert.Single(BenchmarkCatalog.MissingOf(_folder.File("own.yml"), new BenchmarkOptions(), _store)).Name);
        Assert.Contains("nowhere: not found", Assert.Throws<DataException>(() => Load(_folder.File("own.yml"), new BenchmarkOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NotMNIST_may_be_IDX_files()
    {
        Idx("data/mnist", "train", 6);
        Idx("data/mnist", "t10k", 5);
        Idx("data/notmnist", "t10k", 4);
        var near = Assert.Single(Load("mnist", new BenchmarkOptions { Folder = _folder.File("data") }).Near, set => set.Name == "notmnist");
        Assert.Equal((4, 3, 28), (near.Count, near.Channels, near.Width));
    }

    [Fact]
    public void Sets_that_grow_beyond_memory_are_resized_image_by_image()
    {
        Cifar10Files("data");
        var set = Load("cifar10", new BenchmarkOptions { Folder = _folder.File("data") }).Test;
        var told = new List<string>();
        var (here, later) = (ResizedSets.Bring(set, ImagePreparation.Square(48, 56)), ResizedSets.Bring(set, ImagePreparation.Square(48, 56), memoryLimit: 1000, told.Add));

        Assert.Equal((false, true), (here.IsStreamed, later.IsStreamed));
        Assert.Equal(here.Pixels, later.ToMemory().Pixels);
        Assert.Equal(set.Labels, later.Labels);
        Assert.Single(told);
        Assert.Same(here, ResizedSets.Bring(here, ImagePreparation.Square(48, 56)));
    }

    [Fact]
    public void ImageNet_subsets_are_made_by_rule()
    {
        // All thousand classes with a picture each; two of the known ones have more in train.
        Pictures("pictures", 3, 24, 20);
        foreach (var label in Enumerable.Range(0, 1000))
        {
            Put("train", label, label is 404 or 751 ? 3 : 1);
            Put("val", label, 1);
        }

        File.WriteAllText(_folder.File("own.yml"), "size: 16\nclasses: 404, 751, 94\nignored_classes: 0-93, 95-400, 410-700, 760-999\ntrain: set:imagenet/train\ntest: set:imagenet/val\nnear: {rest: held-out}\n");
        var options = new BenchmarkOptions { Folder = _folder.File("inet") };
        var data = Load(_folder.File("own.yml"), options);
        Assert.Equal([3, 3, 1], data.Train.CountPerClass());
        Assert.Equal((3, 16, 16), (data.Train.Channels, data.Train.Height, data.Train.Width));
        Assert.Equal([404, 751, 94], data.SyntheticLabels!);
        Assert.Equal([0, 1, 2], data.Test.Labels.Order());
        // 401 to 409 without 404, and 701 to 759 without 751.
        Assert.Equal((8 + 58, 0), (data.Near[0].Count, data.Near[0].ClassCount));

        // With a class missing, later ones would get its number.
        Directory.Delete(_folder.File($"inet/val/{Id(999)}"), recursive: true);
        Assert.Contains("all 1000 were expected", Assert.Throws<DataException>(() => Load("imagenet-10", options)).Message, StringComparison.Ordinal);

        static string Id(int label) => FormattableString.Invariant($"n{label + 1000:D8}");

        void Put(string split, int label, int count)
        {
            var path = Directory.CreateDirectory(_folder.File($"inet/{split}/{Id(label)}")).FullName;
            for (var i = 0; i < count; i++)
                File.Copy(_folder.File($"pictures/{i}.png"), Path.Combine(path, $"{i}.png"));
        }
    }

    [Fact]
    public void Lists_of_the_whole_set_are_taken_by_their_labels()
    {
        Pictures("ood/images_largescale/imagenet_1k/val", 8, 24, 20);
        List("own/train.txt", Enumerable.Range(0, 8).Select(i => $"imagenet_1k/val/{i}.png {i % 4}"));
        List("own/val.txt", ["imagenet_1k/val/1.png 1", "imagenet_1k/val/2.png 2"]);
        List("own/test.txt", Enumerable.Range(0, 8).Select(i => $"imagenet_1k/val/{i}.png {i % 4}"));
        File.WriteAllText(_folder.File("own.yml"), "size: 16\nclasses: 3, 1\nignored_classes: 0\ntrain: openood:own/train.txt#classes\nvalidation: openood:own/val.txt#classes\ntest: openood:own/test.txt#classes\nnear: {rest: held-out}\n");

        var data = Load(_folder.File("own.yml"), new BenchmarkOptions { Folder = _folder.File("ood") });

        Assert.Equal([1, 0, 1, 0], data.Train.Labels);
        Assert.Equal([1], data.Validation!.Labels);
        Assert.Equal([3, 1], data.SyntheticLabels!);
        Assert.Equal(2, Assert.Single(data.Near).Count);
        Assert.Null(Load(_folder.File("own.yml"), new BenchmarkOptions { Folder = _folder.File("ood"), ValidationImages = 0 }).Validation);
    }

    [Fact]
    public void Shards_are_images_of_one_s_own()
    {
        Pictures("pictures", 4, 24, 20);
        Directory.CreateDirectory(_folder.File("shards"));
        foreach (var shard in new[] { 0, 1 })
        {
            using var tar = new TarWriter(File.Create(_folder.File($"shards/train-{shard}.tar")));
            foreach (var i in new[] { 2 * shard, (2 * shard) + 1 })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i}.png") { DataStream = new MemoryStream(File.ReadAllBytes(_folder.File($"pictures/{i}.png"))) });
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i}.cls") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes($"{i % 2}")) });
            }
        }

        File.WriteAllText(_folder.File("own.yml"), "size: 16\ntrain: 'shards/train-{0..1}.tar'\ntest: shards\nfar: {one: shards/train-1.tar, none: 'shards/other-{0..3}.tar | pictures'}\n");
        var data = Load(_folder.File("own.yml"), new BenchmarkOptions());

        Assert.Equal([0, 1, 0, 1], data.Train.Labels);
        Assert.Equal(data.Train.ContentHash, data.Test.ContentHash);
        Assert.Equal(2, data.Far[0].Count);
        Assert.Equal(0, data.Far[0].ClassCount);
        var message = Assert.Throws<DataException>(() => Load(_folder.File("own.yml"), new BenchmarkOptions { Near = new Dictionary<string, string> { ["a"] = _folder.File("shards/b-{0..2}.tar") } })).Message;
        Assert.Contains("b-{0..2}.tar: not found", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_folders_that_fit_nothing_are_told()
    {
        var message = Assert.Throws<DataException>(() => Load("cifar10", new BenchmarkOptions { Folder = _folder.Path })).Message;
        Assert.Contains("needs its train images", message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
        Assert.Contains("'sio data fetch cifar10'", message, StringComparison.Ordinal);
        foreach (var (text, expected) in new[]
        {
            ("set:cifar/train", "there is no data set 'cifar'"), ("set:cifar10/val", "cifar10 has train, test"), ("held-out", "'classes' names no known ones"),
        })
        {
            File.WriteAllText(_folder.File("own.yml"), $"train: {text}\ntest: set:cifar10/test\n");
            Assert.Contains(expected, Assert.ThrowsAny<Exception>(() => Load(_folder.File("own.yml"), new BenchmarkOptions())).Message, StringComparison.Ordinal);
        }

        foreach (var (classes, expected) in new[] { ("random 6", "random 6 of 10"), ("1, 1", "names class 1 twice"), ("5-3", "no class label"), ("random 10 of 10", "random 6 of 10") })
        {
            File.WriteAllText(_folder.File("own.yml"), $"train: set:cifar10/train\ntest: set:cifar10/test\nclasses: {classes}\n");
            Assert.Contains(expected, Assert.Throws<DataException>(() => Load(_folder.File("own.yml"), new BenchmarkOptions())).Message, StringComparison.Ordinal);
        }
    }

    private BenchmarkData Load(string name, BenchmarkOptions options)
    {
        var data = BenchmarkCatalog.Load(name, options, _store);
        data.Check();
        return data;
    }

    private static HashSet<string> Pictures(ImageSet set) => [.. Enumerable.Range(0, set.Count).Select(i => Convert.ToHexString(set.Image(i)))];

    // Ten training images and two test images per file and class; the first pixel is the class, the second the image.
    private void Cifar10Files(string folder)
    {
        var batches = Directory.CreateDirectory(_folder.File(folder + "/cifar-10-batches-bin")).FullName;
        foreach (var (file, index) in Enumerable.Range(1, 5).Select(i => ($"data_batch_{i}.bin", i)).Append(("test_batch.bin", 6)))
        {
            var records = Enumerable.Range(0, index == 6 ? 20 : 10).SelectMany(i =>
            {
                var record = new byte[3073];
                (record[0], record[1], record[2], record[3]) = ((byte)(i % 10), (byte)(i % 10), (byte)i, (byte)index);
                return record;
            });
            File.WriteAllBytes(Path.Combine(batches, file), [.. records]);
        }
    }

    private void Pictures(string folder, int count, int width, int height, int channels = 3)
    {
        var path = Directory.CreateDirectory(_folder.File(folder)).FullName;
        for (var i = 0; i < count; i++)
        {
            var random = RandomStream.For(i, folder);
            Png.Write(Path.Combine(path, $"{i}.png"), new Picture(width, height, channels, [.. Enumerable.Range(0, width * height * channels).Select(_ => (byte)random.NextInt(256))]));
        }
    }

    private void Idx(string folder, string stem, int count)
    {
        Directory.CreateDirectory(_folder.File(folder));
        File.WriteAllBytes(_folder.File($"{folder}/{stem}-images-idx3-ubyte"), IdxFiles.Images(count, 28, 28, i => (byte)(i * 31)));
        File.WriteAllBytes(_folder.File($"{folder}/{stem}-labels-idx1-ubyte"), IdxFiles.Labels([.. Enumerable.Range(0, count).Select(i => (byte)i)]));
    }

    private void List(string name, IEnumerable<string> lines, string root = "ood")
    {
        var path = _folder.File($"{root}/benchmark_imglist/{name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Join('\n', lines) + "\n", Encoding.ASCII);
    }
}
