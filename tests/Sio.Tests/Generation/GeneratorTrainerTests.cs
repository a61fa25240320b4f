using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using Sio.Tests.Data;
using Sio.Tests.Training;
using Sio.Training;

namespace Sio.Tests.Generation;

public sealed class GeneratorTrainerTests
{
    private static readonly Lazy<(byte[] Weights, string[] Log)> s_undisturbed = new(() =>
    {
        using var folder = new TempFolder();
        return (ToyImages.Train(Trainer(), folder.Path), Log(folder.Path));
    });

    // Checkpoints come at 4, 8 and 12, lines of the log at 5, 10 and 12, R1 at 0, 4 and 8.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    public void A_run_that_was_stopped_ends_with_the_same_bits(int step)
    {
        using var folder = new TempFolder();
        Stop(step, folder.Path);
        Assert.Equal(step, Checkpoint(folder.Path).ReadState()!.Step);
        ResumeAndCompare(folder.Path);
    }

    // A kill leaves what is on the disk at that moment: no checkpoint of this step, and a log that may be ahead of the checkpoint.
    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(12)]
    public void A_run_that_was_killed_ends_with_the_same_bits(int step)
    {
        using var folder = new TempFolder();
        var (run, copy) = (folder.File("run"), folder.File("copy"));
        Directory.CreateDirectory(run);
        ToyImages.Train(Trainer(progress: progress =>
        {
            if (progress.Step == step)
                ToyTraining.Copy(run, copy);
        }), run);
        Assert.Equal(step <= 4 ? null : (step - 1) / 4 * 4, Checkpoint(copy).ReadState()?.Step);
        ResumeAndCompare(copy);
    }

    [Fact]
    public void Snapshots_are_kept_and_differ_and_a_fresh_start_removes_them()
    {
        using var folder = new TempFolder();
        ToyImages.Train(Trainer(), folder.Path);
        var checkpoint = Checkpoint(folder.Path);
        Assert.Equal([3, 6], checkpoint.Snapshots);
        byte[][] weights = [File.ReadAllBytes(checkpoint.SnapshotPath(3)), File.ReadAllBytes(checkpoint.SnapshotPath(6)), File.ReadAllBytes(checkpoint.ModelPath)];
        Assert.Equal(3, weights.Select(Convert.ToHexString).Distinct().Count());
        ToyImages.Train(Trainer(plan => plan with { KeepSnapshots = [] }), folder.Path);
        Assert.Empty(checkpoint.Snapshots);
    }

    [Fact]
    public void The_log_says_what_was_trained_and_means_of_the_measures()
    {
        using var folder = new TempFolder();
        var sums = new List<double>();
        ToyImages.Train(Trainer(progress: progress =>
        {
            if (progress.Logged)
                sums.Add(progress.Measures.Single(measure => measure.Name == "g_loss").Mean);
        }), folder.Path);
        var start = Assert.Single(ToyTraining.Events(folder.Path, "start"));
        Assert.Equal(ToyImages.Set.ContentHash, start.GetProperty("images_hash").GetString());
        Assert.True(start.GetProperty("parameters").GetProperty("generator").GetInt32() > 1000);
        var lines = ToyTraining.Events(folder.Path, "steps");
        Assert.Equal([5, 10, 12], lines.Select(line => line.GetProperty("step").GetInt32()));
        Assert.Equal(sums, lines.Select(line => line.GetProperty("g_loss").GetDouble()));
        Assert.All(lines[..2], line => Assert.True(line.GetProperty("r1").GetDouble() > 0));
    }

    [Fact]
    public void A_diverged_run_says_so_early_and_keeps_its_last_checkpoint()
    {
        using var folder = new TempFolder();
        Stop(5, folder.Path);
        var before = File.ReadAllBytes(Checkpoint(folder.Path).LastPath);
        var live = TensorCount.Settled();
        // Another run, whose steps are far too long.
        using var other = new TempFolder();
        var settings = ToyImages.Settings with
        {
            Plan = ToyImages.Settings.Plan with { CheckpointEverySteps = 1 },
            Gan = ToyImages.Settings.Gan with { GeneratorLearningRate = 1e30, SpectralNorm = false, DiscriminatorLearningRate = 1e30 },
        };
        var error = Assert.Throws<TrainingFailedException>(() => new GeneratorTrainer(settings, ToyImages.Set, 3).Run(other.Path, resume: false));
        Assert.Contains("the generator has diverged", error.Message, StringComparison.Ordinal);
        Assert.Matches("(at|after) step [0-9]+", error.Message);
        Assert.Contains("the last checkpoint and all snapshots are kept", error.Message, StringComparison.Ordinal);
        Assert.Equal(live, TorchRuntime.LiveTensors);
        Assert.Equal(before, File.ReadAllBytes(Checkpoint(folder.Path).LastPath));
    }

    [Fact]
    public void A_checkpoint_of_other_settings_images_or_seed_is_refused()
    {
        using var folder = new TempFolder();
        Stop(5, folder.Path);
        Assert.Contains("Gan.Latent", Refused(new GeneratorTrainer(ToyImages.Settings with { Gan = ToyImages.Settings.Gan with { Latent = 9 } }, ToyImages.Set, 3)), StringComparison.Ordinal);
        Assert.Contains("Plan.BatchSize", Refused(Trainer(plan => plan with { BatchSize = 8 })), StringComparison.Ordinal);
        Assert.Contains("images differ", Refused(new GeneratorTrainer(ToyImages.Settings, ToyImages.Make("other", 96), 3)), StringComparison.Ordinal);
        Assert.Contains("seed 3, expected 12 steps with seed 4", Refused(new GeneratorTrainer(ToyImages.Settings, ToyImages.Set, 4)), StringComparison.Ordinal);
        var last = Checkpoint(folder.Path).LastPath;
        var bytes = File.ReadAllBytes(last);
        bytes[^5] ^= 1;
        File.WriteAllBytes(last, bytes);
        Assert.Contains("is damaged", Refused(Trainer()), StringComparison.Ordinal);

        string Refused(GeneratorTrainer trainer) => Assert.Throws<DataException>(() => trainer.Run(folder.Path, resume: true)).Message;
    }

    [Fact]
    public void The_count_of_tensors_is_flat_over_steps_and_the_same_after_the_run()
    {
        using var folder = new TempFolder();
        var counts = new List<long>();
        var before = TensorCount.Settled();
        ToyImages.Train(Trainer(plan => plan with { Flip = true }, progress => counts.Add(TorchRuntime.LiveTensors)), folder.Path);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        // Adam's state comes into being in the first step.
        Assert.Single(counts[1..].Distinct());
    }

    [Fact]
    public void A_contact_sheet_is_drawn_every_so_often()
    {
        using var folder = new TempFolder();
        ToyImages.Train(Trainer(plan => plan with { SheetEverySteps = 10 }), folder.Path);
        Assert.Equal(["step-000010.png", "step-000012.png"], Directory.EnumerateFiles(folder.File("samples")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    // As a kill between the two would have it: the sheet cannot be written.
    [Fact]
    public void A_contact_sheet_is_not_lost_where_the_run_ends_before_it()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("samples"), "in the way of the folder");
        Assert.ThrowsAny<IOException>(() => Trainer(plan => plan with { SheetEverySteps = 10, CheckpointEverySteps = 10 }).Run(folder.Path, resume: false));
        File.Delete(folder.File("samples"));
        ToyImages.Train(Trainer(plan => plan with { SheetEverySteps = 10, CheckpointEverySteps = 10 }), folder.Path, resume: true);
        Assert.Equal(["step-000010.png", "step-000012.png"], Directory.EnumerateFiles(folder.File("samples")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static GeneratorTrainer Trainer(Func<GenerationPlan, GenerationPlan>? change = null, Action<GeneratorProgress>? progress = null)
    {
        TorchRuntime.Threads = 1;
        return new GeneratorTrainer(ToyImages.Settings with { Plan = change?.Invoke(ToyImages.Settings.Plan) ?? ToyImages.Settings.Plan }, ToyImages.Set, 3) { Progress = progress };
    }

    private static void Stop(int step, string folder)
    {
        using var stop = new CancellationTokenSource();
        var trainer = Trainer(progress: progress =>
        {
            if (progress.Step == step)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder, resume: false, stop.Token));
    }

    private static void ResumeAndCompare(string folder)
    {
        Assert.Equal(s_undisturbed.Value.Weights, ToyImages.Train(Trainer(), folder, resume: true));
        Assert.Equal(s_undisturbed.Value.Log, Log(folder));
        Assert.Equal([3, 6], Checkpoint(folder).Snapshots);
    }

    private static GeneratorCheckpoint Checkpoint(string folder) => new(Path.Combine(folder, "checkpoint"));

    private static string[] Log(string folder) => ToyTraining.Log(folder);
}
