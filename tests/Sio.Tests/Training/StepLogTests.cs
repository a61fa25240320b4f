using Sio.Data;
using Sio.Optim;
using Sio.Tests.Data;
using Sio.Training;
using Sio.Training.Objectives;

namespace Sio.Tests.Training;

public sealed class StepLogTests
{
    [Fact]
    public void Every_so_many_steps_the_log_tells_loss_parts_rate_and_speed()
    {
        using TempFolder folder = new(), quiet = new();
        var told = new List<TrainingProgress>();
        var weights = ToyTraining.Train(Trainer(4, told.Add), folder.Path);
        var steps = ToyTraining.Events(folder.Path, "step");
        Assert.Equal([4, 8, 12], steps.Select(line => line.GetProperty("step").GetInt32()));
        Assert.Equal([1, 2, 3], steps.Select(line => line.GetProperty("epoch").GetInt32()));
        var schedule = new CosineSchedule(ToyTraining.Plan.LearningRate, ToyTraining.TotalSteps);
        foreach (var line in steps)
        {
            var parts = line.GetProperty("parts");
            var (loss, total) = (line.GetProperty("loss").GetDouble(), parts.GetProperty("cross_entropy").GetDouble() + (0.5 * parts.GetProperty("auxiliary").GetDouble()));
            Assert.Equal(total, loss, 1e-5);
            Assert.Equal(schedule.LearningRate(line.GetProperty("step").GetInt64() - 1), line.GetProperty("learning_rate").GetDouble());
            Assert.True(line.GetProperty("gradient_norm").GetDouble() > 0);
            Assert.True(line.GetProperty("images_per_second").GetDouble() > 0);
        }

        // The loss of a step is what the epoch's mean has gained by it: 16 images each.
        Assert.Equal((told[7].Loss * 48) - (told[6].Loss * 32), steps[1].GetProperty("loss").GetDouble() * 16, 1e-9);
        Assert.Equal(weights, ToyTraining.Train(Trainer(0), quiet.Path));
        Assert.Empty(ToyTraining.Events(quiet.Path, "step"));
    }

    // Between checkpoints (4, 5, 8, 10, 12) lines are written that the resumed run writes again.
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(11)]
    public void Lines_after_the_checkpoint_are_written_once(int step)
    {
        using TempFolder whole = new(), folder = new();
        Directory.CreateDirectory(folder.File("run"));
        ToyTraining.Train(Trainer(2), whole.Path);
        ToyTraining.Train(
            Trainer(2, progress =>
            {
                if (progress.Step == step)
                    ToyTraining.Copy(folder.File("run"), folder.File("killed"));
            }),
            folder.File("run"));
        ToyTraining.Train(Trainer(2), folder.File("killed"), resume: true);
        Assert.Equal(ToyTraining.Log(whole.Path), ToyTraining.Log(folder.File("killed")));
        Assert.Equal(
            TensorBoardFile.Read(whole.Path).Select(entry => (entry.Step, entry.Tags)), TensorBoardFile.Read(folder.File("killed")).Select(entry => (entry.Step, entry.Tags)));
    }

    [Fact]
    public void TensorBoard_gets_what_the_log_has()
    {
        using var folder = new TempFolder();
        ToyTraining.Train(Trainer(4), folder.Path);
        var events = TensorBoardFile.Read(folder.Path);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.All(events, entry => Assert.InRange(entry.WallTime, 1.7e9, 1e11));
        foreach (var line in ToyTraining.Events(folder.Path, "step"))
        {
            var values = events.Single(entry => entry.Step == line.GetProperty("step").GetInt64() && entry.Values.ContainsKey("train/loss")).Values;
            Assert.Equal((float)line.GetProperty("loss").GetDouble(), values["train/loss"]);
            Assert.Equal((float)line.GetProperty("parts").GetProperty("auxiliary").GetDouble(), values["train/loss_auxiliary"]);
            Assert.Equal((float)line.GetProperty("learning_rate").GetDouble(), values["train/learning_rate"]);
        }

        foreach (var line in ToyTraining.Events(folder.Path, "epoch"))
        {
            var values = events.Single(entry => entry.Step == line.GetProperty("step").GetInt64() && entry.Values.ContainsKey("epoch/loss")).Values;
            Assert.Equal((float)line.GetProperty("accuracy").GetDouble(), values["epoch/accuracy"]);
            Assert.Equal((float)line.GetProperty("validation_accuracy").GetDouble(), values["validation/accuracy"]);
        }
    }

    private static Trainer Trainer(int every, Action<TrainingProgress>? progress = null)
    {
        var objective = new ObjectiveChoice("outlier_exposure", new Dictionary<string, string> { ["auxiliary_batch_size"] = "8" });
        return new Trainer(ToyTraining.Plan with { Objective = objective }, "lenet", ToyTraining.Real, ToyTraining.Synthetic, NoiseImages.Uniform(20, 1, 28, 28, seed: 4))
        {
            LogEverySteps = every, TensorBoard = true, CheckpointEverySteps = 4, Progress = progress, ValidationImages = ToyTraining.Validation,
        };
    }
}
