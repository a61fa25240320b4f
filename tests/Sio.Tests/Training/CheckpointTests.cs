using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Serialization;
using Sio.Tests.Data;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>Checkpoints that are damaged or another run's, and folders that cannot be written.</summary>
public sealed class CheckpointTests
{
    // Any of these would train on to weights that no recipe describes.
    public static TheoryData<string, string> Differences => new()
    {
        { "network", "of the network lenet, expected resnet8_28x28" },
        { "seed", "with seed 3, expected 15 steps with seed 4" },
        { "epochs", "of 15 steps with seed 3, expected 20 steps" },
        { "learning rate", "LearningRate" },
        { "ratio", "RealRatio" },
        { "order", "Order" },
        { "normalisation", "Normalization" },
        { "real images", "real images" },
        { "synthetic images", "synthetic images" },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_checkpoint_of_another_run_is_refused(string what, string message)
    {
        using var folder = new TempFolder();
        ToyTraining.TrainUntil(6, ToyTraining.Plan, "lenet", folder.Path);
        var plan = what switch
        {
            "seed" => ToyTraining.Plan with { Seed = 4 },
            "epochs" => ToyTraining.Plan with { Epochs = 4 },
            "learning rate" => ToyTraining.Plan with { LearningRate = 0.051 },
            "ratio" => ToyTraining.Plan with { RealRatio = 0.8 },
            "order" => ToyTraining.Plan with { Order = SamplingOrder.Continuous },
            "normalisation" => ToyTraining.Plan with { Normalization = new Normalization([0.4f], [0.31f]) },
            _ => ToyTraining.Plan,
        };
        var trainer = new Trainer(
            plan, what == "network" ? "resnet8_28x28" : "lenet", what == "real images" ? ToyTraining.Images("others", 70) : ToyTraining.Real,
            what == "synthetic images" ? ToyTraining.Images("others", 40) : ToyTraining.Synthetic);
        Refused(trainer, folder, message);
    }

    // What a kill between writing the two leaves.
    [Fact]
    public void A_network_and_its_methods_layers_of_different_moments_are_refused()
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var plan = ToyTraining.Plan with { Objective = new Sio.Training.Objectives.ObjectiveChoice("godin", new Dictionary<string, string>()) };
        using var model = ClassifierFactory.Create(plan, "lenet", ToyTraining.Real, generator);
        var checkpoint = new Checkpoint(folder.Path);
        checkpoint.SaveBest(model);
        checkpoint.LoadModel(model, CheckpointChoice.Best);
        var later = new Checkpoint(folder.File("later"));
        using (no_grad())
            model.Extension!.parameters().First().add_(1);
        later.SaveBest(model);
        File.Copy(later.BestObjectivePath, checkpoint.BestObjectivePath, overwrite: true);
        var message = Assert.Throws<DataException>(() => checkpoint.LoadModel(model, CheckpointChoice.Best)).Message;
        Assert.Contains("do not belong together", message, StringComparison.Ordinal);
        later.LoadModel(model, CheckpointChoice.Best);
    }

    [Fact]
    public void Another_number_of_threads_is_refused()
    {
        using var folder = new TempFolder();
        ToyTraining.TrainUntil(6, ToyTraining.Plan, "lenet", folder.Path);
        var threads = TorchRuntime.Threads;
        try
        {
            TorchRuntime.Threads = threads + 1;
            Refused(Trainer(), folder, $"was trained with {threads} threads, now there are {threads + 1}");
        }
        finally
        {
            TorchRuntime.Threads = threads;
        }
    }

    [Fact]
    public void A_truncated_checkpoint_is_refused_at_any_length()
    {
        using var folder = new TempFolder();
        var whole = Finished(folder);
        var path = folder.File("checkpoint/last.safetensors");
        var random = RandomStream.For(1, "lengths");
        foreach (var length in Enumerable.Range(0, 20).Concat(Enumerable.Range(0, 40).Select(_ => random.NextInt(whole.Length))).Append(whole.Length - 1))
        {
            File.WriteAllBytes(path, whole[..length]);
            Refused(Trainer(), folder, string.Empty);
            Assert.Contains(path, Assert.Throws<DataException>(new Checkpoint(folder.File("checkpoint")).ReadState).Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, [.. whole, 0]);
        Refused(Trainer(), folder, string.Empty);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_wherever_the_damage_is()
    {
        using var folder = new TempFolder();
        var whole = Finished(folder);
        var path = folder.File("checkpoint/last.safetensors");
        var header = BitConverter.ToInt32(whole, 0) + 8;
        var random = RandomStream.For(1, "damage");
        for (var i = 0; i < 250; i++)
        {
            // Most of the file is numbers, most of the ways to go wrong are in the header.
            var place = random.NextInt(i % 3 == 0 ? whole.Length : header);
            var damaged = whole.ToArray();
            do
                damaged[place] = (byte)random.NextInt(256);
            while (damaged[place] == whole[place]);
            // White space after the header's JSON means nothing.
            if (place < header && whole[place] == ' ' && damaged[place] is (byte)'\t' or (byte)'\n' or (byte)'\r')
                continue;
            File.WriteAllBytes(path, damaged);
            Refused(Trainer(), folder, string.Empty);
        }
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        using var folder = new TempFolder();
        Finished(folder);
        Properties.ForAll(FsCheck.Fluent.Gen.ArrayOf(FsCheck.Fluent.Gen.Select(FsCheck.Fluent.Gen.Choose(0, 255), value => (byte)value)), bytes =>
        {
            File.WriteAllBytes(folder.File("checkpoint/last.safetensors"), bytes);
            Refused(Trainer(), folder, string.Empty);
        });
    }

    [Theory]
    [InlineData("\"Step\":15", "\"Step\":16")]
    [InlineData("\"Step\":15", "\"Step\":-1")]
    [InlineData("\"LogBytes\":", "\"LogBytes\":-")]
    [InlineData("\"Seen\":0", "\"Seen\":-1")]
    [InlineData("\"Step\":15,", "")]
    [InlineData("\"Network\":\"lenet\"", "\"Network\":null")]
    [InlineData("\"Step\":15", "\"Step\":14")]
    public void A_state_that_no_run_has_is_refused(string from, string to)
    {
        using var folder = new TempFolder();
        Finished(folder);
        var path = folder.File("checkpoint/last.safetensors");
        using (var content = Safetensors.Read(path))
        {
            var metadata = content.Metadata.ToDictionary();
            Assert.Contains(from, metadata["sio"], StringComparison.Ordinal);
            metadata["sio"] = metadata["sio"].Replace(from, to, StringComparison.Ordinal);
            using var stream = File.Create(path);
            Safetensors.Write(stream, content.Tensors.Select(entry => (entry.Key, entry.Value)), metadata);
        }

        Refused(Trainer(), folder, string.Empty);
    }

    [Fact]
    public void A_safetensors_file_of_something_else_is_refused()
    {
        using var folder = new TempFolder();
        Finished(folder);
        File.Copy(folder.File("checkpoint/model.safetensors"), folder.File("checkpoint/last.safetensors"), overwrite: true);
        Refused(Trainer(), folder, "is no checkpoint of this program");
    }

    [Fact]
    public void Weights_are_refused_when_missing_damaged_or_of_another_network()
    {
        using var folder = new TempFolder();
        using var lenet = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 2), null);
        using var resnet = Catalog<Classifier>.Create("resnet8_28x28", new ClassifierShape(1, 28, 28, 2), null);
        var checkpoint = new Checkpoint(folder.File("checkpoint"));
        Assert.Contains("no network has been trained here", Assert.Throws<DataException>(() => checkpoint.LoadModel(lenet)).Message, StringComparison.Ordinal);
        ToyTraining.TrainUntil(6, ToyTraining.Plan, "lenet", folder.Path);
        Assert.Contains("--resume", Assert.Throws<DataException>(() => checkpoint.LoadModel(lenet)).Message, StringComparison.Ordinal);

        Finished(folder);
        var before = TensorCount.Settled();
        Assert.Contains("another network", Assert.Throws<DataException>(() => checkpoint.LoadModel(resnet)).Message, StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(checkpoint.ModelPath);
        foreach (var length in new[] { 0, 5, 100, bytes.Length - 1 })
        {
            File.WriteAllBytes(checkpoint.ModelPath, bytes[..length]);
            var message = Assert.Throws<DataException>(() => checkpoint.LoadModel(lenet)).Message;
            Assert.Contains(checkpoint.ModelPath, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    // Root may write anywhere, so what stands in the way is a file where a folder is needed, or the other way round.
    [Fact]
    public void Folders_that_cannot_be_written_give_an_IO_error_and_no_partial_file()
    {
        using var folder = new TempFolder();
        Assert.ThrowsAny<IOException>(() => Trainer().Run(folder.File("missing"), resume: false));
        Assert.Empty(folder.Names());

        folder.Write("checkpoint", [1, 2, 3]);
        Assert.ThrowsAny<IOException>(() => Trainer().Run(folder.Path, resume: false));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.File("checkpoint")));
        Assert.Equal(["checkpoint", "log.jsonl"], folder.Names());
        File.Delete(folder.File("checkpoint"));

        File.Delete(folder.File("log.jsonl"));
        Directory.CreateDirectory(folder.File("log.jsonl"));
        var error = Assert.ThrowsAny<IOException>(() => Trainer().Run(folder.Path, resume: false));
        Assert.Contains(folder.File("log.jsonl"), error.Message, StringComparison.Ordinal);
        Directory.Delete(folder.File("log.jsonl"));

        Directory.CreateDirectory(folder.File("checkpoint/last.safetensors"));
        Assert.ThrowsAny<IOException>(() => Trainer().Run(folder.Path, resume: true));
        Assert.Equal(["last.safetensors"], Directory.EnumerateFileSystemEntries(folder.File("checkpoint")).Select(Path.GetFileName));
    }

    private static Trainer Trainer() => new(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic);

    /// <summary>A complete run, so that a checkpoint that were accepted would cost no training; gives the checkpoint's bytes.</summary>
    private static byte[] Finished(TempFolder folder)
    {
        ToyTraining.Train(Trainer(), folder.Path);
        return File.ReadAllBytes(folder.File("checkpoint/last.safetensors"));
    }

    private static void Refused(Trainer trainer, TempFolder folder, string message)
    {
        var before = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(path => (path, new FileInfo(path).Length)).Order().ToArray();
        var error = Assert.Throws<DataException>(() => trainer.Run(folder.Path, resume: true).Model.Dispose());
        Assert.Contains(folder.File("checkpoint/last.safetensors"), error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(before, Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(path => (path, new FileInfo(path).Length)).Order());
    }
}
