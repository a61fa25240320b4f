using Sio.Engine;
using Sio.Evaluation.Generated;
using Sio.Generation;
using Sio.Generation.Gan;
using Sio.Tests.Data;
using Sio.Tests.Training;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Tests.Generation;

/// <summary>A GAN that collapses is stopped by what its samples look like; one that learns is not.</summary>
public sealed class CollapseTests
{
    private static readonly GanSettings s_healthy = new()
    {
        Loss = GanLoss.NonSaturating, R1Gamma = 1, R1EverySteps = 8, SpectralNorm = false, Latent = 8, GeneratorChannels = 8, DiscriminatorChannels = 16,
        GeneratorLearningRate = 2e-3, DiscriminatorLearningRate = 2e-3, Augment = [],
    };

    private static readonly Lazy<(byte[] Weights, string[] Log)> s_undisturbed = new(() =>
    {
        using var folder = new TempFolder();
        return (ToyImages.Train(Trainer(s_healthy), folder.Path), ToyTraining.Log(folder.Path));
    });

    [Theory]
    [InlineData(0.1, 1e-3)] // a discriminator that learns much too fast
    [InlineData(4e-3, 0.1)] // a generator that does
    public void Absurd_learning_rates_are_found_out(double discriminatorRate, double generatorRate)
    {
        using var folder = new TempFolder();
        var live = TensorCount.Settled();
        var trainer = Trainer(s_healthy with { Loss = GanLoss.Hinge, R1Gamma = 0, DiscriminatorLearningRate = discriminatorRate, GeneratorLearningRate = generatorRate });
        var error = Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume: false)).Message;
        Assert.Matches(@"^the generator has collapsed: recall of real images is [01]\.[0-9]{3} and coverage 0\.0[0-9]{2} at step 150, too low for the second check in a row \(training.min_recall is 0.02\); ", error);
        Assert.Contains("no check was passed before", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.Equal([false, false], ToyTraining.Events(folder.Path, "check").Select(line => line.GetProperty("passed").GetBoolean()));
        Assert.False(File.Exists(Checkpoint(folder).ModelPath));
        Assert.Equal(live, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_healthy_run_goes_through_and_its_checks_are_in_the_log()
    {
        var checks = s_undisturbed.Value.Log.Where(line => line.Contains("\"check\"", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, checks.Length);
        Assert.All(checks, line => Assert.Contains("\"passed\":true", line, StringComparison.Ordinal));
        Assert.All(checks, line => Assert.Contains("\"recall\":", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Checks_change_no_weight()
    {
        using var folder = new TempFolder();
        Assert.Equal(s_undisturbed.Value.Weights, ToyImages.Train(Trainer(s_healthy, measure: false), folder.Path));
        Assert.Empty(ToyTraining.Events(folder.Path, "check"));
    }

    // Checks come at 100, 150 and 200, checkpoints at 80, 160 and 200.
    [Theory]
    [InlineData(100)]
    [InlineData(120)]
    [InlineData(170)]
    public void A_run_that_was_stopped_ends_with_the_same_bits_and_lines(int step)
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        var trainer = Trainer(s_healthy, progress: progress =>
        {
            if (progress.Step == step)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder.Path, resume: false, stop.Token));
        Assert.Equal([step < 150 ? 100 : 150], Checkpoint(folder).Snapshots);
        Assert.Equal(s_undisturbed.Value.Weights, ToyImages.Train(Trainer(s_healthy), folder.Path, resume: true));
        Assert.Equal(s_undisturbed.Value.Log, ToyTraining.Log(folder.Path));
        Assert.Empty(Checkpoint(folder).Snapshots);
    }

    /// <summary>What comes while a step ends is answered after the next one: a run that has stopped has its checkpoint.</summary>
    [Fact]
    public void A_stop_during_a_check_leaves_a_checkpoint()
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        TorchRuntime.Threads = 1;
        var trainer = new GeneratorTrainer(Settings(s_healthy) with { Plan = Settings(s_healthy).Plan with { CheckpointEverySteps = 1000 } }, ToyImages.Set, 1)
        {
            Measure = _ =>
            {
                stop.Cancel();
                return (0.5, 0.5);
            },
        };
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder.Path, resume: false, stop.Token));
        Assert.Equal(101, Checkpoint(folder).ReadState()!.Step);
    }

    [Fact]
    public void The_weights_of_the_last_check_that_was_passed_are_kept_and_going_on_fails_in_the_same_way()
    {
        using var folder = new TempFolder();
        var first = Fail(resume: false);
        Assert.Contains($"the weights of step 60, the last check that was passed, can be sampled: sio generate sample {folder.Path} --snapshot 60", first, StringComparison.Ordinal);
        Assert.Equal([50, 60], Checkpoint(folder).Snapshots);
        using var model = GeneratorTrainer.NewModel(Settings(s_healthy), GeneratorShape.Of(ToyImages.Set), 1, CPU);
        Assert.Equal(60, Checkpoint(folder).LoadReleased(Checkpoint(folder).SnapshotPath(60), model));
        Assert.Equal(64, new GeneratorSampler(model, 1, CPU).Sample(0, 64).Count);
        // The last checkpoint is that of step 70, before the second failed check, and knows of the first.
        Assert.Equal(new CollapseState(WasGood: true, Failed: 1, LastPassed: 60), Checkpoint(folder).ReadState()!.Watch);
        Assert.Equal(first, Fail(resume: true));

        // A run that is good up to step 60, as far as the measure says; 50 is a snapshot that was asked for.
        string Fail(bool resume)
        {
            var step = 0L;
            TorchRuntime.Threads = 1;
            var trainer = new GeneratorTrainer(
                Settings(s_healthy) with { Plan = Settings(s_healthy).Plan with { CheckEverySteps = 10, CheckFrom = 0.1, CheckpointEverySteps = 70, KeepSnapshots = [0.25] } }, ToyImages.Set, 1)
            {
                Measure = _ => step <= 60 ? (0.5, 0.5) : (0.01, 0.5),
                Progress = progress => step = progress.Step,
            };
            return Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume)).Message;
        }
    }

    private static GeneratorSettings Settings(GanSettings gan) => new()
    {
        Model = "gan",
        Plan = new GenerationPlan { Steps = 200, BatchSize = 24, EmaImages = 400, SheetEverySteps = 0, CheckpointEverySteps = 80, CheckEverySteps = 50, CheckFrom = 0.5 },
        Gan = gan,
    };

    private static GeneratorTrainer Trainer(GanSettings gan, bool measure = true, Action<GeneratorProgress>? progress = null)
    {
        TorchRuntime.Threads = 1;
        return new GeneratorTrainer(Settings(gan), ToyImages.Set, 1) { Measure = measure ? new SampleRecall(ToyImages.Set, 1).Of : null, Progress = progress };
    }

    private static GeneratorCheckpoint Checkpoint(TempFolder folder) => new(Path.Combine(folder.Path, "checkpoint"));
}
