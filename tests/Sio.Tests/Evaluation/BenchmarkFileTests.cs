using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Recipes;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

/// <summary>Benchmarks from YAML files: read strictly, loaded from where the file is, and refused in one line.</summary>
public sealed class BenchmarkFileTests : IDisposable
{
    private const string Text =
        """
        name: mine
        train: images/train.npz
        test: images/test.npz
        near: {cats: images/cats.npz}
        far: {noise: images/noise.npz, stripes: images/cats.npz}
        shifted_id: {mist: images/mist.npz}
        """;

    private readonly TempFolder _folder = new();

    public BenchmarkFileTests()
    {
        Directory.CreateDirectory(_folder.File("images"));
        Images("train", [0, 1, 2, 0, 1, 2]);
        Images("test", [0, 1, 2]);
        Images("mist", [2, 1]);
        Images("cats", null);
        Images("noise", null);
        Images("small", [0, 1], size: 8);
        Images("unknown", [3, 0]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_names_the_sets_from_where_it_is()
    {
        var file = BenchmarkFile.Read(Write(Text));

        Assert.Equal(_folder.File("images/train.npz"), file.Train);
        Assert.Equal(_folder.File("images/noise.npz"), file.Far["noise"]);
        Assert.Equivalent(new OodGroups(["cats"], ["noise", "stripes"], "x"), file.Groups("x"), strict: true);
        Assert.Equal("benchmark", BenchmarkFile.Read(Write(Text.Replace("name: mine", "", StringComparison.Ordinal))).Name);
        Assert.True(BenchmarkFile.IsFile("a/b.YML"));
        Assert.False(BenchmarkFile.IsFile("fashion_mnist_6_4"));
    }

    [Fact]
    public void A_recipe_names_a_file()
    {
        var run = Prepare(Text + "\nnormalization: {mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1]}\n");

        Assert.Equal("mine", run.Data.Name);
        Assert.Equal((6, 3, 3), (run.Data.Train.Count, run.Data.Test.Count, run.Data.Train.ClassCount));
        Assert.Equal(["noise", "stripes"], run.Data.Far.Select(set => set.Name));
        var shifted = Assert.Single(run.Data.ShiftedId);
        Assert.Equal("mist", shifted.Name);
        Assert.Equal([2, 1], shifted.Labels);
        Assert.Equal([0.5f, 0.4f, 0.3f], run.Recipe.Training.Mean!);
        Assert.Equal([0.2f, 0.2f, 0.1f], run.Normalization.Std);
        Assert.Equal(_folder.File("benchmark.yml"), run.Recipe.Benchmark);
        Assert.NotEqual([0.5f, 0.4f, 0.3f], Prepare(Text).Normalization.Mean);
        Assert.Equal(3, Prepare(Text, "data.train_images=3").Data.Train.Count);
    }

    [Fact]
    public void Corrupted_test_images_join_the_shifted_sets()
    {
        var run = Prepare(Text, "data.corruption_severity=2");

        Assert.Equal(["mist", "gaussian_noise", "gaussian_blur", "contrast", "brightness"], run.Data.ShiftedId.Select(set => set.Name));
        Assert.Equal(run.Data.Test.Labels, run.Data.ShiftedId[1].Labels);
        Assert.Contains("named 'contrast'", Refused(Text.Replace("mist:", "contrast:", StringComparison.Ordinal), "data.corruption_severity=2"), StringComparison.Ordinal);
        Assert.Contains("corruption_severity", Assert.Throws<RecipeException>(() => Prepare(Text, "data.corruption_severity=6")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nearr: {a: b.npz}", "did you mean 'near'")]
    [InlineData("shiftd_id: {a: b.npz}", "did you mean 'shifted_id'")]
    [InlineData("near: {dogs: a.npz}", "near")]
    [InlineData("normalization: {mean: [0.5]}", "normalization.std")]
    public void Keys_are_strict(string line, string expected)
    {
        var error = Assert.Throws<RecipeException>(() => BenchmarkFile.Read(Write($"{Text}\n{line}\n")));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder.File("benchmark.yml") + ":", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noise:", "cats:", "'cats' is named twice")]
    [InlineData("noise:", "'':", "needs a name")]
    [InlineData("images/mist.npz", "''", "shifted_id.mist")]
    [InlineData("images/test.npz", "images/none.npz", "none.npz")]
    [InlineData("images/mist.npz", "images/small.npz", "3×8×8")]
    [InlineData("images/noise.npz", "images/small.npz", "3×8×8")]
    [InlineData("images/mist.npz", "images/unknown.npz", "label 3")]
    [InlineData("mist:", "test:", "named 'test'")]
    [InlineData("mist:", "noise:", "named 'noise'")]
    public void Sets_that_do_not_fit_are_refused(string part, string other, string expected)
    {
        Assert.Contains(part, Text, StringComparison.Ordinal);
        Assert.Contains(expected, Refused(Text.Replace(part, other, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.train=a.npz", "data.train changes nothing")]
    [InlineData("data.near={ cats: a.npz }", "has a set of that name already")]
    [InlineData("data.far={ cats: set:svhn }", "set:NAME/SPLIT was expected")]
    [InlineData("data.near={ dogs: none.npz }", "none.npz: not found")]
    public void Sets_of_the_recipe_beside_a_file_must_fit(string setting, string expected) =>
        Assert.Contains(expected, Refused(Text, setting), StringComparison.Ordinal);

    [Fact]
    public void Sets_of_the_recipe_join_those_of_a_file()
    {
        var data = Prepare(Text, $"data.far.dogs={_folder.File("images/cats.npz")}", $"data.shifted_id.fog={_folder.File("images/mist.npz")}").Data;

        Assert.Equal(["noise", "stripes", "dogs"], data.Far.Select(set => set.Name));
        Assert.Equal(["mist", "fog"], data.ShiftedId.Select(set => set.Name));
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Contains(
        "/nowhere.yml", Assert.Throws<DataException>(() => Run.Prepare(RecipeReader.Parse<Recipe>("benchmark: /nowhere.yml"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Groups_name_sets_that_are_there()
    {
        var groups = new OodGroups(["a"], ["b"], "my.yml");

        groups.RefuseMissing(["a", "b", "c"], "bank");
        var error = Assert.Throws<DataException>(() => groups.RefuseMissing(["a"], "bank"));
        Assert.Equal("bank: has no OOD set 'b', which my.yml names; there are: a", error.Message);
        Assert.Throws<DataException>(() => new OodGroups(["a", "a"], [], "my.yml").RefuseTwice());
    }

    private string Refused(string text, params string[] settings)
    {
        var message = Assert.Throws<DataException>(() => Prepare(text, settings)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private Run Prepare(string text, params string[] settings) => Run.Prepare(RecipeReader.Parse<Recipe>($"benchmark: {Write(text)}", settings));

    private string Write(string text)
    {
        File.WriteAllText(_folder.File("benchmark.yml"), text + "\n");
        return _folder.File("benchmark.yml");
    }

    private void Images(string name, long[]? labels, int size = 16)
    {
        var random = RandomStream.For(1, name);
        var count = labels?.Length ?? 2;
        byte[] pixels = [.. Enumerable.Range(0, count * size * size * 3).Select(_ => (byte)random.NextInt(256))];
        var images = ("images", NpyArray.Create(pixels, count, size, size, 3));
        if (labels is null)
            Npz.Write(_folder.File($"images/{name}.npz"), images);
        else
            Npz.Write(_folder.File($"images/{name}.npz"), images, ("labels", NpyArray.Create(labels)));
    }
}
