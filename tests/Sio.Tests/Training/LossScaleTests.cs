using Sio.Tests.Data;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>The loss scaling of a whole run. LibTorch has float16 convolutions on GPUs only, so the network is computed in float32.</summary>
public sealed class LossScaleTests
{
    private static readonly TrainingPlan s_plan = ToyTraining.Plan with { Precision = TrainingPrecision.Float16 };

    [Fact]
    public void It_goes_on_where_the_checkpoint_says()
    {
        using TempFolder whole = new(), cut = new();
        var expected = ToyTraining.Train(Trainer(), whole.Path);
        Assert.Equal(new LossScale(65536, ToyTraining.TotalSteps, 0), Scale(whole));

        TrainUntil(6, cut.Path);
        Assert.Equal(new LossScale(65536, 6, 0), Scale(cut));

        // As if it had stood elsewhere: five good steps more double it, and four are left then. Powers of two leave no trace in the weights.
        using (var parts = TrainingParts.Create(s_plan, "lenet", ToyTraining.Real, CPU, ToyTraining.TotalSteps))
        {
            var checkpoint = new Checkpoint(cut.File("checkpoint"));
            checkpoint.Save(parts, checkpoint.Load(parts)! with { LossScale = new LossScale(1024, 1995, 3) });
        }

        Assert.Equal(expected, ToyTraining.Train(Trainer(), cut.Path, resume: true));
        Assert.Equal(new LossScale(2048, 4, 3), Scale(cut));
    }

    private static Trainer Trainer(Action<TrainingProgress>? progress = null) =>
        new(s_plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { Computes = TrainingPrecision.Float32, Progress = progress };

    private static void TrainUntil(int step, string folder)
    {
        using var stop = new CancellationTokenSource();
        var trainer = Trainer(progress =>
        {
            if (progress.Step == step)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder, resume: false, stop.Token).Model.Dispose());
    }

    private static LossScale? Scale(TempFolder folder) => new Checkpoint(folder.File("checkpoint")).ReadState()!.LossScale;
}
