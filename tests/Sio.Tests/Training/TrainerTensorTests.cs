using Sio.Engine;
using Sio.Data;
using Sio.Nn;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Training;

/// <summary>The trainer frees every native tensor, however it ends.</summary>
public sealed class TrainerTensorTests
{
    // What the loader has prepared ahead varies with timing: three batches that wait, one under way, one handed over; two tensors each.
    private const int LoaderTensors = 10;

    [Fact]
    public void The_count_is_flat_over_steps_and_the_same_after_the_run()
    {
        using var folder = new TempFolder();
        var counts = new List<long>();
        var trainer = new Trainer(ToyTraining.Plan with { Epochs = 12 }, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic)
        {
            CheckpointEverySteps = 7,
            Progress = _ => counts.Add(TorchRuntime.LiveTensors),
        };
        var before = TensorCount.Settled();
        using (var model = trainer.Run(folder.Path, resume: false).Model)
            Assert.Equal(before + model.StateDict().Count, TorchRuntime.LiveTensors);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(60, counts.Count);
        Assert.True(counts[1..].Max() - counts[1..].Min() <= LoaderTensors, string.Join(" ", counts));
    }

    [Fact]
    public void Nothing_is_left_after_a_run_was_stopped_and_resumed()
    {
        using var folder = new TempFolder();
        ToyTraining.TrainUntil(1, ToyTraining.Plan, "lenet", folder.Path);
        var before = TensorCount.Settled();
        ToyTraining.TrainUntil(4, ToyTraining.Plan, "lenet", folder.Path, resume: true);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        ToyTraining.TrainUntil(7, ToyTraining.Plan, "lenet", folder.Path, resume: true);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        ToyTraining.Train(new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.Path, resume: true);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Nothing_is_left_after_a_failure()
    {
        using var folder = new TempFolder();
        var before = TensorCount.Settled();
        Assert.Throws<TrainingFailedException>(
            () => new Trainer(ToyTraining.Plan with { LearningRate = 1e30 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic).Run(folder.Path, resume: false));
        Assert.Equal(before, TorchRuntime.LiveTensors);

        // The checkpoint of the failed run is another's: loading is refused half-way.
        ToyTraining.TrainUntil(2, ToyTraining.Plan, "lenet", folder.Path);
        before = TensorCount.Settled();
        Assert.Throws<DataException>(
            () => new Trainer(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic).Run(folder.Path, resume: true));
        Assert.Equal(before, TorchRuntime.LiveTensors);

        Assert.Throws<InvalidOperationException>(() => new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic)
        {
            Progress = progress => throw new InvalidOperationException($"at step {progress.Step}"),
        }.Run(folder.Path, resume: false));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
