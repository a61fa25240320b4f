using System.Collections.Concurrent;
using Sio.Data;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Training;

public sealed class ResumeTests
{
    private const int CheckpointEvery = 4;
    private static readonly ConcurrentDictionary<(string, SamplingOrder), (byte[] Weights, string[] Log)> s_undisturbed = new();

    // Epochs end at 5, 10 and 15; other checkpoints come at 4, 8 and 12; 15 is the very last step.
    public static TheoryData<string, SamplingOrder, int> Moments
    {
        get
        {
            var data = new TheoryData<string, SamplingOrder, int>();
            foreach (var order in Enum.GetValues<SamplingOrder>())
            {
                foreach (var step in new[] { 1, 4, 5, 6, 10, 14, 15 })
                    data.Add("lenet", order, step);
            }

            data.Add("resnet8_28x28", SamplingOrder.Paper, 7);
            data.Add("resnet8_28x28", SamplingOrder.Continuous, 10);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void A_run_that_was_stopped_ends_with_the_same_bits(string network, SamplingOrder order, int step)
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Order = order, Flip = true };
        ToyTraining.TrainUntil(step, plan, network, folder.Path);
        var checkpoint = new Checkpoint(folder.File("checkpoint"));
        Assert.Equal(step, checkpoint.ReadState()!.Step);
        Assert.False(File.Exists(checkpoint.ModelPath));
        ResumeAndCompare(network, order, folder.Path);
    }

    // A kill leaves what is on the disk at that moment: no checkpoint of this step, and a log that may be ahead of the checkpoint.
    [Theory]
    [MemberData(nameof(Moments))]
    public void A_run_that_was_killed_ends_with_the_same_bits(string network, SamplingOrder order, int step)
    {
        using var folder = new TempFolder();
        var (run, copy) = (folder.File("run"), folder.File("copy"));
        Directory.CreateDirectory(run);
        var trainer = new Trainer(ToyTraining.Plan with { Order = order, Flip = true }, network, ToyTraining.Real, ToyTraining.Synthetic)
        {
            CheckpointEverySteps = CheckpointEvery,
            Progress = progress =>
            {
                if (progress.Step == step)
                    ToyTraining.Copy(run, copy);
            },
        };
        ToyTraining.Train(trainer, run);
        var expected = step <= CheckpointEvery ? null : (long?)Math.Max((step - 1) / 4 * 4, (step - 1) / 5 * 5);
        Assert.Equal(expected, new Checkpoint(Path.Combine(copy, "checkpoint")).ReadState()?.Step);
        ResumeAndCompare(network, order, copy);
    }

    [Fact]
    public void Lines_of_the_log_after_the_checkpoint_are_dropped()
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Flip = true };
        ToyTraining.TrainUntil(6, plan, "lenet", folder.Path);
        // As a kill in the middle of a later line would leave it.
        File.AppendAllText(folder.File("log.jsonl"), "{\"event\":\"epoch\",\"step\":10,\"loss\":0.1}\n{\"event\":\"ep");
        ResumeAndCompare("lenet", SamplingOrder.Paper, folder.Path);
    }

    [Fact]
    public void A_run_may_be_stopped_many_times()
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Order = SamplingOrder.Continuous, Flip = true };
        foreach (var step in new[] { 2, 3, 7, 11, 13 })
            ToyTraining.TrainUntil(step, plan, "lenet", folder.Path, resume: true);
        ResumeAndCompare("lenet", SamplingOrder.Continuous, folder.Path);
    }

    [Fact]
    public void Resuming_a_finished_run_changes_nothing()
    {
        using var folder = new TempFolder();
        ToyTraining.Train(Trainer("lenet", SamplingOrder.Paper), folder.Path);
        var log = File.ReadAllText(folder.File("log.jsonl"));
        ResumeAndCompare("lenet", SamplingOrder.Paper, folder.Path);
        Assert.Equal(log, File.ReadAllText(folder.File("log.jsonl")));
    }

    [Fact]
    public void Abandoned_temporary_files_of_a_kill_while_saving_go_away()
    {
        using var folder = new TempFolder();
        ToyTraining.TrainUntil(6, ToyTraining.Plan with { Flip = true }, "lenet", folder.Path);
        File.WriteAllText(folder.File("checkpoint/last.safetensors.tmp-0123456789ab"), "half a checkpoint");
        File.WriteAllText(folder.File("checkpoint/notes.txt"), "somebody's own");
        ResumeAndCompare("lenet", SamplingOrder.Paper, folder.Path);
        Assert.Equal(
            ["last.safetensors", "model.safetensors", "notes.txt"],
            Directory.EnumerateFiles(folder.File("checkpoint")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_resume_an_old_run_is_forgotten_and_a_foreign_file_stays()
    {
        using var folder = new TempFolder();
        ToyTraining.TrainUntil(7, ToyTraining.Plan with { Seed = 99 }, "lenet", folder.Path);
        folder.Write("notes.txt", [1]);
        Assert.Equal(Undisturbed("lenet", SamplingOrder.Paper).Weights, ToyTraining.Train(Trainer("lenet", SamplingOrder.Paper), folder.Path));
        Assert.Equal(Undisturbed("lenet", SamplingOrder.Paper).Log, ToyTraining.Log(folder.Path));
        Assert.Contains("notes.txt", folder.Names());
    }

    private static void ResumeAndCompare(string network, SamplingOrder order, string folder)
    {
        var (weights, log) = Undisturbed(network, order);
        Assert.Equal(weights, ToyTraining.Train(Trainer(network, order), folder, resume: true));
        Assert.Equal(log, ToyTraining.Log(folder));
        Assert.Single(ToyTraining.Events(folder, "start"));
        Assert.Equal([5, 10, 15], ToyTraining.Events(folder, "epoch").Select(epoch => epoch.GetProperty("step").GetInt32()));
    }

    private static (byte[] Weights, string[] Log) Undisturbed(string network, SamplingOrder order) => s_undisturbed.GetOrAdd((network, order), _ =>
    {
        using var folder = new TempFolder();
        return (ToyTraining.Train(Trainer(network, order), folder.Path), ToyTraining.Log(folder.Path));
    });

    private static Trainer Trainer(string network, SamplingOrder order) =>
        new(ToyTraining.Plan with { Order = order, Flip = true }, network, ToyTraining.Real, ToyTraining.Synthetic) { CheckpointEverySteps = CheckpointEvery };
}
