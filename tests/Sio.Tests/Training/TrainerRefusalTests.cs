using Sio.Optim;
using System.Globalization;
using Sio.Data;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Training;

/// <summary>Plans and images that do not go together, and training that goes wrong.</summary>
public sealed class TrainerRefusalTests
{
    private static readonly TrainingPlan s_plan = ToyTraining.Plan;

    [Fact]
    public void Batches_that_would_be_empty_are_refused_and_the_continuous_order_is_named()
    {
        var few = ToyTraining.Images("few", 50);
        var plan = s_plan with { RealRatio = 0 };
        var error = Refused(plan, "lenet", ToyTraining.Real, few);
        Assert.Contains("would be empty", error, StringComparison.Ordinal);
        Assert.Contains("'continuous'", error, StringComparison.Ordinal);
        Assert.Equal(5, new Trainer(plan with { Order = SamplingOrder.Continuous }, "lenet", ToyTraining.Real, few).BatchesPerEpoch);
    }

    // Evaluation would have the statistics of nothing.
    [Fact]
    public void Separate_batch_norm_needs_real_images_in_every_epoch()
    {
        var apart = s_plan with { SeparateBatchNorm = true, Order = SamplingOrder.Continuous };
        foreach (var plan in new[] { apart with { RealRatio = 0 }, apart with { RealRatio = 0.05 }, apart with { RealRatio = 1, FinalRealRatio = 0 } })
            Assert.Contains("separate_batch_norm takes the statistics", Refused(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
        Assert.Empty(new Trainer(apart with { RealRatio = 1, FinalRealRatio = 0.1 }, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic).Notices);
    }

    // 5 batches with 4 synthetic images each.
    [Theory]
    [InlineData(20, SamplingOrder.Paper, false)]
    [InlineData(18, SamplingOrder.Paper, false)]
    [InlineData(17, SamplingOrder.Paper, true)]
    [InlineData(3, SamplingOrder.Paper, true)]
    [InlineData(3, SamplingOrder.Continuous, false)]
    public void Synthetic_images_that_run_out_are_told_of(int count, SamplingOrder order, bool told)
    {
        var trainer = new Trainer(s_plan with { Order = order }, "lenet", ToyTraining.Real, ToyTraining.Images("few", count));
        if (told)
            Assert.Contains($"there are {count} of the 20 synthetic images that an epoch asks for", Assert.Single(trainer.Notices), StringComparison.Ordinal);
        else
            Assert.Empty(trainer.Notices);
    }

    [Theory]
    [InlineData(SamplingOrder.Paper)]
    [InlineData(SamplingOrder.Continuous)]
    public void A_ratio_below_1_needs_synthetic_images(SamplingOrder order)
    {
        foreach (var ratio in new[] { 0, 0.5, 0.99 })
        {
            Assert.Contains("synthetic images", Refused(s_plan with { RealRatio = ratio, Order = order }, "lenet", ToyTraining.Real, null), StringComparison.Ordinal);
            Assert.Contains(
                "synthetic images", Refused(s_plan with { RealRatio = ratio, Order = order }, "lenet", ToyTraining.Real, ToyTraining.Images("none", 0)),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_ratio_outside_0_to_1_is_refused(double ratio) =>
        Assert.Contains("ratio must be from 0 to 1", Refused(s_plan with { RealRatio = ratio }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);

    [Fact]
    public void Images_of_other_sizes_channels_or_classes_are_refused()
    {
        Assert.Contains("not of the size", Refused(s_plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Images("small", 40, size: 20)), StringComparison.Ordinal);
        Assert.Contains("28×28, not 20×20", Refused(s_plan with { RealRatio = 1 }, "lenet", ToyTraining.Images("small", 40, size: 20), null), StringComparison.Ordinal);
        Assert.Contains(
            "3 channels", Refused(s_plan with { Normalization = new Normalization([0, 0, 0], [1, 1, 1]) }, "lenet", ToyTraining.Real, ToyTraining.Synthetic),
            StringComparison.Ordinal);

        var labels = ToyTraining.Synthetic.Labels.ToArray();
        labels[7] = 2;
        var more = new ImageSet("more", ToyTraining.Synthetic.Pixels, labels, 1, 28, 28, 3);
        Assert.Contains("image 7 has the label 2", Refused(s_plan, "lenet", ToyTraining.Real, more), StringComparison.Ordinal);
        Assert.Contains("image 0 has the label -1", Refused(s_plan, "lenet", ToyTraining.Real.AsOutOfDistribution(), ToyTraining.Synthetic), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_network_is_refused_when_the_trainer_is_made()
    {
        var error = Assert.Throws<UnknownNameException>(() => new Trainer(s_plan, "lenet6", ToyTraining.Real, ToyTraining.Synthetic));
        Assert.Contains("resnet8_28x28", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_below_1_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(s_plan with { Epochs = 0 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(s_plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { CheckpointEverySteps = 0 });
        Refused(s_plan with { BatchSize = 0 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic);
    }

    [Theory]
    [InlineData(1e20)]
    [InlineData(1e38)]
    public void A_loss_that_is_no_number_stops_training_and_keeps_the_last_checkpoint(double learningRate)
    {
        using var folder = new TempFolder();
        var trainer = new Trainer(s_plan with { LearningRate = learningRate, Momentum = 0, Nesterov = false }, "lenet", ToyTraining.Real, ToyTraining.Synthetic)
        {
            CheckpointEverySteps = 1,
        };
        var error = Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume: false).Model.Dispose());
        var checkpoint = new Checkpoint(folder.File("checkpoint"));
        var last = File.ReadAllBytes(checkpoint.LastPath);
        var state = checkpoint.ReadState()!;
        Assert.True(state.Step > 0);
        var rate = new CosineSchedule(learningRate, ToyTraining.TotalSteps).LearningRate(state.Step);
        Assert.Contains($"at step {state.Step} ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"learning rate {rate.ToString("G4", CultureInfo.InvariantCulture)}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(checkpoint.ModelPath));

        // The log has all images of the batch, of which the message has five.
        var failure = Assert.Single(ToyTraining.Events(folder.Path, "failure"));
        var batch = trainer.Sampler.GetBatch((int)state.Step / ToyTraining.BatchesPerEpoch, (int)state.Step % ToyTraining.BatchesPerEpoch);
        Assert.Equal((state.Step, error.Message), (failure.GetProperty("step").GetInt64(), failure.GetProperty("message").GetString()));
        Assert.Equal(batch.Real, failure.GetProperty("real").EnumerateArray().Select(index => index.GetInt32()));
        Assert.Equal(batch.Synthetic, failure.GetProperty("synthetic").EnumerateArray().Select(index => index.GetInt32()));

        // Going on fails at the same step, and leaves the checkpoint as it was.
        var again = Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume: true).Model.Dispose());
        Assert.Equal(error.Message, again.Message);
        Assert.Single(ToyTraining.Events(folder.Path, "failure"));
        Assert.Equal(last, File.ReadAllBytes(checkpoint.LastPath));
    }

    private static string Refused(TrainingPlan plan, string network, ImageSet real, ImageSet? synthetic)
    {
        var message = Assert.Throws<DataException>(() => new Trainer(plan, network, real, synthetic)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void Weights_that_overflow_after_a_finite_loss_are_not_saved()
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Epochs = 1, LearningRate = 3e38, WeightDecay = 1e5, BatchSize = ToyTraining.Real.Count, RealRatio = 1 };
        var trainer = new Trainer(plan, "lenet", ToyTraining.Real, synthetic: null);
        var error = Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume: false).Model.Dispose());
        Assert.Contains("after step 1", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "checkpoint")));
    }

    // Pixels of 1e22 give logits and a loss that float32 holds, and a gradient whose norm it does not.
    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(null, 1)]
    public void A_gradient_that_is_no_number_is_caught_though_the_loss_is_finite(double? clip, int logEvery)
    {
        using var folder = new TempFolder();
        var good = new Trainer(s_plan with { ClipNorm = clip }, "lenet", ToyTraining.Real, ToyTraining.Synthetic);
        var plan = s_plan with { ClipNorm = clip, Normalization = new Normalization([0.4f], [1e-22f]) };
        var trainer = new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { LogEverySteps = logEvery };
        var message = Assert.Throws<TrainingFailedException>(() => trainer.Run(folder.Path, resume: false).Model.Dispose()).Message;
        Assert.Contains("the loss is finite, but the norm of its gradient is", message, StringComparison.Ordinal);
        Assert.Contains("at step 0 (epoch 1, learning rate 0.05, real images ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.False(Directory.Exists(folder.File("checkpoint")));
        ToyTraining.Train(good, folder.Path);
    }

    [Fact]
    public void Plans_that_make_no_sense_are_refused()
    {
        Assert.Contains("milestones", Refused(s_plan with { Schedule = ScheduleKind.Step }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
        Assert.Contains("milestones [10, 5]", Refused(s_plan with { Schedule = ScheduleKind.Step, Milestones = [2, 1] }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
        Assert.Contains("above 0", Refused(s_plan with { LearningRate = 0 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
        Assert.Contains("clipped", Refused(s_plan with { ClipNorm = 0 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
        Assert.Contains("decay 1", Refused(s_plan with { EmaDecay = 1 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic), StringComparison.Ordinal);
    }
}
