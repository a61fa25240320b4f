using Sio.Engine;
using Sio.Data;
using Sio.Detection;
using Sio.Networks;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Training;

public sealed class ValidationTests
{
    [Fact]
    public void Each_epoch_tells_the_accuracy_that_an_evaluation_would_and_the_first_best_is_kept()
    {
        using var folder = new TempFolder();
        var copies = new List<string>();
        var told = new List<TrainingProgress>();
        var trainer = Trainer(progress =>
        {
            told.Add(progress);
            if (progress.EpochEnded)
                copies.Add(Copied(folder, progress.Epoch));
        });
        Directory.CreateDirectory(folder.File("run"));
        ToyTraining.Train(trainer, folder.File("run"));
        var accuracies = ToyTraining.Events(folder.File("run"), "epoch").Select(line => line.GetProperty("validation_accuracy").GetDouble()).ToArray();
        Assert.Equal(ToyTraining.Epochs, accuracies.Length);
        Assert.Equal(accuracies, told.Where(progress => progress.EpochEnded).Select(progress => progress.ValidationAccuracy!.Value));
        Assert.All(told.Where(progress => !progress.EpochEnded), progress => Assert.Null(progress.ValidationAccuracy));

        // The best file at each epoch's end has the best weights up to there.
        var best = 0;
        for (var epoch = 0; epoch < accuracies.Length; epoch++)
        {
            if (accuracies[epoch] > accuracies[best])
                best = epoch;
            Assert.Equal(accuracies[best], Accuracy(new Checkpoint(Path.Combine(copies[epoch], "checkpoint")), CheckpointChoice.Best), 10);
            Assert.Equal(best + 1, ToyTraining.Events(folder.File("run"), "epoch")[epoch].GetProperty("best_epoch").GetInt32());
        }

        var checkpoint = new Checkpoint(folder.File("run/checkpoint"));
        Assert.Equal(accuracies[^1], Accuracy(checkpoint, CheckpointChoice.Last), 10);
        Assert.Equal((accuracies[best], best + 1), (checkpoint.ReadState()!.BestAccuracy, checkpoint.ReadState()!.BestEpoch));
        Assert.InRange(accuracies.Max(), 60, 99);
    }

    [Fact]
    public void Measuring_changes_no_weight()
    {
        using TempFolder with = new(), without = new();
        var before = TensorCount.Settled();
        Assert.Equal(
            ToyTraining.Train(new Trainer(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), without.Path),
            ToyTraining.Train(Trainer(null), with.Path));
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.False(File.Exists(new Checkpoint(without.File("checkpoint")).BestPath));
    }

    [Fact]
    public void A_run_that_was_stopped_keeps_the_same_best_weights()
    {
        using TempFolder whole = new(), cut = new();
        ToyTraining.Train(Trainer(null), whole.Path);
        foreach (var step in new[] { 3, 5, 9, 14 })
        {
            using var stop = new CancellationTokenSource();
            var trainer = Trainer(progress =>
            {
                if (progress.Step == step)
                    stop.Cancel();
            });
            Assert.Throws<OperationCanceledException>(() => trainer.Run(cut.Path, resume: true, stop.Token).Model.Dispose());
        }

        ToyTraining.Train(Trainer(null), cut.Path, resume: true);
        Assert.Equal(File.ReadAllBytes(new Checkpoint(whole.File("checkpoint")).BestPath), File.ReadAllBytes(new Checkpoint(cut.File("checkpoint")).BestPath));
        Assert.Equal(ToyTraining.Log(whole.Path), ToyTraining.Log(cut.Path));
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(2, new[] { 2, 4, 5 })]
    [InlineData(9, new[] { 5 })]
    public void It_is_done_every_so_many_epochs_and_after_the_last(int every, int[] epochs)
    {
        using var folder = new TempFolder();
        var trainer = new Trainer(ToyTraining.Plan with { Epochs = 5 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { ValidationImages = ToyTraining.Validation, ValidateEveryEpochs = every };
        ToyTraining.Train(trainer, folder.Path);
        var lines = ToyTraining.Events(folder.Path, "epoch");
        Assert.Equal(epochs, Enumerable.Range(1, 5).Where(epoch => lines[epoch - 1].TryGetProperty("validation_accuracy", out _)));
        if (every > 0)
            return;
        var checkpoint = new Checkpoint(folder.File("checkpoint"));
        using var model = Model();
        Assert.Contains("no epoch has been validated", Assert.Throws<DataException>(() => checkpoint.LoadModel(model, CheckpointChoice.Best)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_cannot_be_measured_on_are_refused()
    {
        using var folder = new TempFolder();
        Assert.Contains("not of the size", Refused(ToyTraining.Images("small", 10, size: 20)), StringComparison.Ordinal);
        Assert.Contains("image 0 has the label -1", Refused(ToyTraining.Validation.AsOutOfDistribution()), StringComparison.Ordinal);
        Assert.Empty(folder.Names());

        string Refused(ImageSet images) => Assert.Throws<DataException>(
            () => new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { ValidationImages = images }.Run(folder.Path, resume: false)).Message;
    }

    private static Trainer Trainer(Action<TrainingProgress>? progress) => new(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic)
    {
        ValidationImages = ToyTraining.Validation, CheckpointEverySteps = 4, Progress = progress,
    };

    private static Classifier Model(string network = "lenet") => ClassifierFactory.Create(ToyTraining.Plan, network, ToyTraining.Real, generator: null);

    private static double Accuracy(Checkpoint checkpoint, CheckpointChoice choice)
    {
        using var model = Model("resnet8_28x28");
        checkpoint.LoadModel(model, choice);
        using var bank = FeatureBank.Extract(model, ToyTraining.Validation, ToyTraining.Plan.Normalization);
        return Sio.Evaluation.Accuracy.Compute(bank.Predictions(), bank.Labels);
    }

    private static string Copied(TempFolder folder, int epoch)
    {
        var copy = folder.File($"copy{epoch}");
        ToyTraining.Copy(folder.File("run"), copy);
        return copy;
    }
}
