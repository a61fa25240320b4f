using Sio.Engine;
using Sio.Data;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Training;

/// <summary>The levers on synthetic images, and initial weights, in a whole training.</summary>
public sealed class LeverTests
{
    private static readonly SyntheticWeights s_quality = new([.. Enumerable.Range(0, 40).Select(i => (double)(i % 4))], "test");

    private static TrainingPlan All { get; } = ToyTraining.Plan with
    {
        FinalRealRatio = 0.25, RatioShape = RatioShape.Cosine, SyntheticLossWeight = 0.3, SyntheticLabelSmoothing = 0.2, SeparateBatchNorm = true, Order = SamplingOrder.Continuous,
    };

    [Fact]
    public void With_all_of_them_a_run_resumes_bit_for_bit()
    {
        using var whole = new TempFolder();
        using var cut = new TempFolder();
        var expected = ToyTraining.Train(Trainer(All), whole.Path);
        var before = TensorCount.Settled();
        foreach (var step in new[] { 4, 6, 13 })
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Trainer(All, progress: told =>
            {
                if (told.Step == step)
                    stop.Cancel();
            }).Run(cut.Path, resume: true, stop.Token).Model.Dispose());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(expected, ToyTraining.Train(Trainer(All), cut.Path, resume: true));
        var start = Assert.Single(ToyTraining.Events(whole.Path, "start"));
        Assert.Equal((12, 4), (start.GetProperty("real_per_batch").GetInt32(), start.GetProperty("last_real_per_batch").GetInt32()));
        Assert.Equal(0, start.GetProperty("overlaps").GetArrayLength());
    }

    public static TheoryData<string> Each => ["final ratio", "shape", "loss weight", "label smoothing", "batch norm", "weights"];

    // Each changes the weights that come out, and is part of what a checkpoint belongs to.
    [Theory]
    [MemberData(nameof(Each))]
    public void Each_of_them_does_something_and_cannot_be_changed_half_way(string lever)
    {
        var other = lever switch
        {
            "final ratio" => All with { FinalRealRatio = 0.5 },
            "shape" => All with { RatioShape = RatioShape.Step },
            "loss weight" => All with { SyntheticLossWeight = 0.4 },
            "label smoothing" => All with { SyntheticLabelSmoothing = null },
            "batch norm" => All with { SeparateBatchNorm = false },
            _ => All,
        };
        using var folder = new TempFolder();
        using var another = new TempFolder();
        var first = ToyTraining.Train(Trainer(All), folder.Path);
        Assert.NotEqual(first, ToyTraining.Train(Trainer(other, withQuality: lever != "weights"), another.Path));
        Assert.Contains(
            "other settings", Assert.Throws<DataException>(() => Trainer(other, withQuality: lever != "weights").Run(folder.Path, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_work_is_refused_before_the_first_step()
    {
        using var folder = new TempFolder();
        var message = Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan with { SeparateBatchNorm = true }, "lenet", ToyTraining.Real, ToyTraining.Synthetic)).Message;
        Assert.Contains("lenet has no batch norm", message, StringComparison.Ordinal);
        message = Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan with { RealRatio = 1, FinalRealRatio = 0.5 }, "lenet", ToyTraining.Real, null)).Message;
        Assert.Contains("ratio of 0.5 needs synthetic images", message, StringComparison.Ordinal);
        message = Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic, weights: new SyntheticWeights([1, 2], "two"))).Message;
        Assert.Contains("2 weights of synthetic images were given for 40", message, StringComparison.Ordinal);

        // In the paper's order the synthetic images of the last epoch do not last.
        message = Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan with { FinalRealRatio = 0 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic)).Message;
        Assert.Contains("(0 real and 16 synthetic each)", message, StringComparison.Ordinal);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Training_starts_from_the_weights_of_another_run()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("first"));
        Directory.CreateDirectory(folder.File("second"));
        ToyTraining.Train(new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.File("first"));
        var path = folder.File("first/checkpoint/model.safetensors");

        // A learning rate of next to nothing leaves them where they were.
        var plan = ToyTraining.Plan with { Init = path, LearningRate = 1e-30, FinalLearningRate = 0, Seed = 8, Epochs = 1 };
        var trainer = new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic);
        Assert.Equal(File.ReadAllBytes(path), ToyTraining.Train(trainer, folder.File("second")));

        // They belong to the run: with others it cannot be gone on with.
        Directory.CreateDirectory(folder.File("third"));
        ToyTraining.Train(new Trainer(ToyTraining.Plan with { Seed = 4 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.File("third"));
        File.Copy(folder.File("third/checkpoint/model.safetensors"), path, overwrite: true);
        Assert.Contains("initial weights", Assert.Throws<DataException>(() => trainer.Run(folder.File("second"), resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initial_weights_that_do_not_fit_are_refused()
    {
        using var folder = new TempFolder();
        ToyTraining.Train(new Trainer(ToyTraining.Plan with { Epochs = 1 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), folder.Path);
        var path = folder.File("checkpoint/model.safetensors");
        var before = TensorCount.Settled();
        Refused("resnet8_28x28", path, ToyTraining.Real);
        var three = new ImageSet("three", ToyTraining.Real.Pixels, [.. ToyTraining.Real.Labels.Select((label, i) => i == 0 ? 2 : label)], 1, 28, 28, 3);
        Refused("lenet", path, three);
        Refused("lenet", folder.File("nowhere.safetensors"), ToyTraining.Real);
        File.WriteAllText(path, "damaged");
        Refused("lenet", path, ToyTraining.Real);
        Assert.Equal(before, TorchRuntime.LiveTensors);

        static void Refused(string network, string path, ImageSet real)
        {
            var message = Assert.Throws<DataException>(() => new Trainer(ToyTraining.Plan with { Init = path, RealRatio = 1 }, network, real, null)).Message;
            Assert.Contains(path, message, StringComparison.Ordinal);
        }
    }

    private static Trainer Trainer(TrainingPlan plan, bool withQuality = true, Action<TrainingProgress>? progress = null) =>
        new(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic, weights: withQuality ? s_quality : null) { CheckpointEverySteps = 4, Progress = progress };
}
