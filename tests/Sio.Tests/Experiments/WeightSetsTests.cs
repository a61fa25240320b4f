using Sio.Data;
using Sio.Engine;
using Sio.Experiments;
using Sio.Networks;
using Sio.Nn;
using Sio.Recipes;
using Sio.Serialization;
using Sio.Tests.Data;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Experiments;

/// <summary>Files that hold a network's weights more than once, or weights that are none.</summary>
public sealed class WeightSetsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public WeightSetsTests()
    {
        foreach (var name in new[] { "train", "test", "cats" })
        {
            byte[] pixels = [.. Enumerable.Range(0, 3 * 28 * 28).Select(i => (byte)(i * 7))];
            Npz.Write(_folder.File(name + ".npz"), ("images", NpyArray.Create(pixels, 3, 28, 28, 1)), ("labels", NpyArray.Create(new long[] { 0, 1, 2 })));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Several_sets_that_differ_are_named_and_one_is_asked_for()
    {
        Write("two.bin", ("state_dict.", 1), ("ema.", 2), ("ema_small.", 3));
        var error = Assert.Throws<DataException>(() => Import("two.bin"));
        Assert.Contains("3 sets of weights", error.Message, StringComparison.Ordinal);
        Assert.Contains("'ema' and 'ema_small' and 'state_dict'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--weights", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("run")));
        Assert.Equal("ema", Import("two.bin", "ema").Key);
        Assert.Equal(2, FirstBias());
        Assert.Contains("'state_dict'", Assert.Single(Import("two.bin", "ema.").Remarks), StringComparison.Ordinal);
        Assert.Contains("under 'teacher'", Assert.Throws<DataException>(() => Import("two.bin", "teacher")).Message, StringComparison.Ordinal);
    }

    // A student's names in the file itself, a teacher's behind a name: the plain ones must not drag the teacher's along.
    [Fact]
    public void The_files_own_names_can_be_asked_for_too()
    {
        Write("teacher.safetensors", (string.Empty, 1), ("teacher.module.", 2));
        Assert.Contains("the file's own names", Assert.Throws<DataException>(() => Import("teacher.safetensors")).Message, StringComparison.Ordinal);
        Assert.Equal(string.Empty, Import("teacher.safetensors", string.Empty).Key);
        Assert.Equal(1, FirstBias());
        Assert.Equal("teacher.module", Import("teacher.safetensors", "teacher").Key);
        Assert.Equal(2, FirstBias());
    }

    [Fact]
    public void Sets_of_the_same_weights_need_no_choice()
    {
        Write("same.safetensors", ("model.", 1), ("copy.", 1));
        var taken = Import("same.safetensors");
        Assert.Equal("copy", taken.Key);
        Assert.Equal(10, taken.Tensors);
        Assert.Contains("the same weights stand under 'model'", Assert.Single(taken.Remarks), StringComparison.Ordinal);
    }

    // A teacher of another size is none of this network's.
    [Fact]
    public void A_set_of_other_shapes_is_left_out_and_named()
    {
        using var scope = NewDisposeScope();
        var tensors = State("student.", 1).Concat(State("teacher.", 2).Select(entry => entry.Name == "teacher.fc.bias" ? (entry.Name, torch.ones([7])) : entry));
        Save("sizes.SAFETENSORS", tensors);
        var taken = Import("sizes.SAFETENSORS");
        Assert.Equal("student", taken.Key);
        Assert.Equal("'teacher' was not taken: fc.bias is [7], expected [3]", Assert.Single(taken.Remarks));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_no_number_is_named(float value)
    {
        Write("bad.safetensors", ("model.", value));
        Assert.Contains("3 of 3 values of 'model.fc.bias' are NaN or infinite", Assert.Throws<DataException>(() => Import("bad.safetensors")).Message, StringComparison.Ordinal);
        Write("start.safetensors", (string.Empty, value));
        using var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), null);
        Assert.Contains("'fc.bias'", Assert.Throws<DataException>(() => InitialWeights.Load(network, _folder.File("start.safetensors"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_called_one_and_the_file_in_it_is_named()
    {
        Write("here.safetensors", (string.Empty, 1));
        Assert.Contains("here.safetensors may be meant", Assert.Throws<DataException>(() => Import(string.Empty)).Message, StringComparison.Ordinal);
    }

    // 81.86 became 82.03 by such a bit.
    [Fact]
    public void A_flipped_bit_in_a_runs_own_weights_is_seen_and_files_without_a_digest_are_read()
    {
        Write("plain.safetensors", (string.Empty, 1));
        Import("plain.safetensors");
        var folder = new RunFolder(_folder.File("run"));
        var path = folder.Checkpoint.ModelPath;
        using var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), null);
        folder.Checkpoint.LoadModel(network);
        var whole = File.ReadAllBytes(path);
        var bytes = (byte[])whole.Clone();
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("is damaged: its sio_sha256", Assert.Throws<DataException>(() => folder.Checkpoint.LoadModel(network)).Message, StringComparison.Ordinal);
        Assert.Contains("is damaged", Assert.Throws<DataException>(() => InitialWeights.Load(network, path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("flipped.safetensors"), bytes);
        Assert.Contains("is damaged", Assert.Throws<DataException>(() => Import("flipped.safetensors")).Message, StringComparison.Ordinal);

        // As 0.1.0 wrote them.
        File.Copy(_folder.File("plain.safetensors"), path, overwrite: true);
        folder.Checkpoint.LoadModel(network);
    }

    [Fact]
    public void A_folder_in_which_another_process_trains_is_not_cleared()
    {
        Write("plain.safetensors", (string.Empty, 1));
        Import("plain.safetensors");
        var folder = new RunFolder(_folder.File("run"));
        using (folder.Lock())
        {
            Assert.Contains("is in use by another process", Assert.Throws<DataException>(() => Import("plain.safetensors")).Message, StringComparison.Ordinal);
            Assert.True(folder.HasRun);
            Assert.Contains("is in use", Assert.Throws<DataException>(() => Evaluator.Evaluate(NewRun(), folder, new EvaluationOptions { Detectors = ["msp"] })).Message, StringComparison.Ordinal);
        }

        Evaluator.Evaluate(NewRun(), folder, new EvaluationOptions { Detectors = ["msp"] });
    }

    private ImportedWeights Import(string file, string? key = null) => WeightsImport.Import(NewRun(), file.Length == 0 ? _folder.Path : _folder.File(file), new RunFolder(_folder.File("run")), key);

    private float FirstBias()
    {
        using var content = Safetensors.Read(new RunFolder(_folder.File("run")).Checkpoint.ModelPath);
        return content.Tensors["fc.bias"].ToArray<float>()[0];
    }

    private void Write(string file, params (string Prefix, float Bias)[] sets)
    {
        using var scope = NewDisposeScope();
        Save(file, sets.SelectMany(set => State(set.Prefix, set.Bias)));
    }

    private void Save(string file, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        using var stream = File.Create(_folder.File(file));
        Safetensors.Write(stream, tensors);
    }

    private static List<(string Name, Tensor Value)> State(string prefix, float bias)
    {
        using var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), null);
        return [.. network.StateDict().Select(entry => (prefix + entry.Name, entry.Name == "fc.bias" ? torch.full([3], bias) : torch.zeros(entry.Value.shape)))];
    }

    private Run NewRun() => Run.Prepare(RecipeReader.Parse<Recipe>(
        $"""
        benchmark: files
        threads: 1
        data:
          train: '{_folder.File("train.npz")}'
          test: '{_folder.File("test.npz")}'
          near:
            cats: '{_folder.File("cats.npz")}'
        network:
          name: lenet
        """));
}
