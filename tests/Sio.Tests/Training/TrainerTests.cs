using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Networks;
using Sio.Nn;
using Sio.Optim;
using Sio.Serialization;
using Sio.Tests.Data;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

public sealed class TrainerTests
{
    [Theory]
    [InlineData("lenet", SamplingOrder.Paper)]
    [InlineData("resnet8_28x28", SamplingOrder.Continuous)]
    public void It_learns(string network, SamplingOrder order)
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Epochs = 6, Order = order };
        var (model, seconds) = new Trainer(plan, network, ToyTraining.Real, ToyTraining.Synthetic).Run(folder.Path, resume: false);
        using (model)
        {
            Assert.False(model.training);
            Assert.True(seconds > 0);
            var test = ToyTraining.Images("test", 100);
            using var bank = FeatureBank.Extract(model, test, plan.Normalization);
            Assert.InRange(Accuracy.Compute(bank.Predictions(), test.Labels), 95, 100);
        }

        var losses = ToyTraining.Events(folder.Path, "epoch").Select(entry => entry.GetProperty("loss").GetDouble()).ToArray();
        Assert.True(losses[^1] < 0.7 * losses[0], string.Join(" ", losses));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        Assert.Equal(Weights(3), Weights(3));
        Assert.NotEqual(Weights(3), Weights(4));

        static byte[] Weights(int seed)
        {
            using var folder = new TempFolder();
            return ToyTraining.Train(new Trainer(ToyTraining.Plan with { Seed = seed }, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), folder.Path);
        }
    }

    // Sampler, augmentation, loss, schedule and optimiser are all used as their documentation says, in this order: the bits agree.
    [Theory]
    [InlineData(SamplingOrder.Paper, true, true)]
    [InlineData(SamplingOrder.Continuous, false, false)]
    public void It_computes_what_a_loop_written_out_does(SamplingOrder order, bool nesterov, bool decayAll)
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with
        {
            Order = order, Nesterov = nesterov, DecayNormAndBias = decayAll, Flip = true, FinalLearningRate = 1e-3, WeightDecay = 1e-3, Momentum = 0.8,
        };
        var told = new List<TrainingProgress>();
        using var trained = new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic) { Progress = told.Add }.Run(folder.Path, resume: false).Model;

        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)plan.Seed);
        using var model = Catalog<Classifier>.Create("resnet8_28x28", new ClassifierShape(1, 28, 28, 2), generator);
        var decays = model.named_parameters().ToLookup(
            entry => decayAll || (entry.name.EndsWith("weight", StringComparison.Ordinal) && !entry.name.Contains("bn", StringComparison.Ordinal) && !entry.name.Contains("shortcut.1", StringComparison.Ordinal)),
            entry => entry.parameter);
        ParameterGroup[] groups = [new([.. decays[true]], plan.WeightDecay), new([.. decays[false]])];
        using var optimizer = new Sgd(groups, plan.LearningRate, plan.Momentum, nesterov);
        var sampler = new TwoSourceSampler(70, 40, plan.BatchSize, plan.RealRatio, plan.Seed, order);
        var augmentation = new BatchAugmentation([0.4f], [0.3f], plan.Padding, plan.Flip, plan.Seed);
        var schedule = new CosineSchedule(plan.LearningRate, ToyTraining.TotalSteps, plan.FinalLearningRate);
        var step = 0;
        for (var epoch = 0; epoch < plan.Epochs; epoch++)
        {
            var (lossSum, seen) = (0.0, 0);
            foreach (var batch in sampler.Epoch(epoch))
            {
                using var inner = NewDisposeScope();
                var images = torch.empty([batch.Count, 1, 28, 28]);
                augmentation.Fill(batch, ToyTraining.Real, ToyTraining.Synthetic, images.AsSpan<float>());
                var labels = torch.empty([batch.Count], dtype: ScalarType.Int64);
                batch.CopyLabels(ToyTraining.Real, ToyTraining.Synthetic, labels.AsSpan<long>());
                optimizer.LearningRate = schedule.LearningRate(step);
                optimizer.ZeroGrad();
                var loss = nn.functional.cross_entropy(model.call(images), labels, label_smoothing: plan.LabelSmoothing);
                loss.backward();
                optimizer.Step();
                lossSum += loss.ToDouble() * batch.Count;
                seen += batch.Count;
                Assert.Equal(lossSum / seen, told[step].Loss);
                step++;
            }
        }

        foreach (var ((name, expected), (_, actual)) in model.StateDict().Zip(trained.StateDict()))
            Assert.True(expected.ValuesEqual(actual), name);
    }

    [Fact]
    public void The_log_and_the_progress_tell_what_happened()
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { FinalLearningRate = 0.001 };
        var told = new List<TrainingProgress>();
        var trainer = new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { Progress = told.Add };
        ToyTraining.Train(trainer, folder.Path);

        Assert.Equal(ToyTraining.BatchesPerEpoch, trainer.BatchesPerEpoch);
        var start = Assert.Single(ToyTraining.Events(folder.Path, "start"));
        Assert.Equal("lenet", start.GetProperty("network").GetString());
        Assert.Equal((70, 40), (start.GetProperty("real_images").GetInt32(), start.GetProperty("synthetic_images").GetInt32()));
        Assert.Equal((12, 4), (start.GetProperty("real_per_batch").GetInt32(), start.GetProperty("synthetic_per_batch").GetInt32()));
        Assert.Equal(ToyTraining.Real.ContentHash, start.GetProperty("real_hash").GetString());

        var epochs = ToyTraining.Events(folder.Path, "epoch");
        var schedule = new CosineSchedule(plan.LearningRate, ToyTraining.TotalSteps, plan.FinalLearningRate);
        Assert.Equal([5, 10, 15], epochs.Select(epoch => epoch.GetProperty("step").GetInt32()));
        foreach (var epoch in epochs)
        {
            var step = epoch.GetProperty("step").GetInt32();
            Assert.Equal(schedule.LearningRate(step - 1), epoch.GetProperty("learning_rate").GetDouble());
            Assert.Equal(80, epoch.GetProperty("images").GetInt32());
            Assert.Equal(told[step - 1].Loss, epoch.GetProperty("loss").GetDouble());
            Assert.Equal(told[step - 1].Accuracy, epoch.GetProperty("accuracy").GetDouble());
        }

        Assert.Equal(Enumerable.Range(1, ToyTraining.TotalSteps), told.Select(progress => (int)progress.Step));
        Assert.Equal(Enumerable.Range(0, ToyTraining.TotalSteps).Select(i => (i / 5) + 1), told.Select(progress => progress.Epoch));
        Assert.Equal([5, 10, 15], told.Where(progress => progress.EpochEnded).Select(progress => (int)progress.Step));
        Assert.All(told, progress => Assert.InRange(progress.Accuracy, 0, 100));
        Assert.All(told, progress => Assert.True(progress.ImagesPerSecond > 0));
        Assert.Equal(TimeSpan.Zero, told[^1].Remaining);
    }

    [Fact]
    public void Batches_cut_short_by_the_papers_order_are_trained_on()
    {
        using var folder = new TempFolder();
        ToyTraining.Train(new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Images("synthetic", 6)), folder.Path);
        // Five batches of 12 real images, and 4, 2, 0, 0, 0 synthetic ones.
        Assert.All(ToyTraining.Events(folder.Path, "epoch"), epoch => Assert.Equal(66, epoch.GetProperty("images").GetInt32()));
    }

    [Fact]
    public void Ratio_0_trains_on_synthetic_images_alone()
    {
        using var folder = new TempFolder();
        // Labels of the real images are turned round: had any of them been used, the network would not know left from right.
        var real = ToyTraining.Real;
        var reversed = new ImageSet("reversed", real.Pixels, Array.ConvertAll(real.Labels, label => 1 - label), 1, 28, 28, 2);
        var plan = ToyTraining.Plan with { RealRatio = 0, Epochs = 6, Order = SamplingOrder.Continuous };
        using var model = new Trainer(plan, "lenet", reversed, ToyTraining.Synthetic).Run(folder.Path, resume: false).Model;
        var test = ToyTraining.Images("test", 100);
        using var bank = FeatureBank.Extract(model, test, plan.Normalization);
        Assert.InRange(Accuracy.Compute(bank.Predictions(), test.Labels), 95, 100);
    }

    [Fact]
    public void Ratio_1_needs_no_synthetic_images_and_ignores_those_there_are()
    {
        using var without = new TempFolder();
        using var with = new TempFolder();
        var plan = ToyTraining.Plan with { RealRatio = 1 };
        Assert.Equal(
            ToyTraining.Train(new Trainer(plan, "lenet", ToyTraining.Real, null), without.Path),
            ToyTraining.Train(new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic), with.Path));
    }

    [Fact]
    public void The_weights_file_is_the_model_under_PyTorchs_names()
    {
        using var folder = new TempFolder();
        using var model = new Trainer(ToyTraining.Plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic).Run(folder.Path, resume: false).Model;
        var checkpoint = new Checkpoint(Path.Combine(folder.Path, "checkpoint"));
        using var content = Safetensors.Read(checkpoint.ModelPath);
        Assert.Equal("lenet", content.Metadata["network"]);
        Assert.Equal(model.StateDict().Select(entry => entry.Name).Order(StringComparer.Ordinal), content.Tensors.Keys.Order(StringComparer.Ordinal));

        using var loaded = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 2), null);
        checkpoint.LoadModel(loaded);
        foreach (var ((name, expected), (_, actual)) in model.StateDict().Zip(loaded.StateDict()))
            Assert.True(expected.ValuesEqual(actual), name);
    }

    [Theory]
    [InlineData(ScheduleKind.Step)]
    [InlineData(ScheduleKind.OneCycle)]
    [InlineData(ScheduleKind.Constant)]
    public void The_plans_schedule_gives_each_step_its_learning_rate(ScheduleKind kind)
    {
        using var folder = new TempFolder();
        var plan = ToyTraining.Plan with { Schedule = kind, Milestones = [1, 2], Gamma = 0.5, CycleRise = 0.4, CycleInitialDivisor = 10, CycleFinalDivisor = 2, WarmUpEpochs = 0.4 };
        ToyTraining.Train(new Trainer(plan, "lenet", ToyTraining.Real, ToyTraining.Synthetic) { LogEverySteps = 1 }, folder.Path);
        LearningRateSchedule schedule = kind switch
        {
            ScheduleKind.Step => new MultiStepSchedule(0.05, [5, 10], 0.5),
            ScheduleKind.OneCycle => new OneCycleSchedule(0.05, 15, 0.4, 10, 2),
            _ => new ConstantSchedule(0.05),
        };
        var warmed = new WarmUpSchedule(schedule, 2);
        Assert.Equal(
            Enumerable.Range(0, ToyTraining.TotalSteps).Select(step => warmed.LearningRate(step)),
            ToyTraining.Events(folder.Path, "step").Select(line => line.GetProperty("learning_rate").GetDouble()));
    }

    [Fact]
    public void Batch_norms_shifts_learn_faster_and_decoupled_decay_leaves_the_rate_out()
    {
        using var model = ClassifierFactory.Create(ToyTraining.Plan, "resnet8_28x28", ToyTraining.Real, generator: null);
        var plain = Sio.Training.ParameterGroups.Of(ToyTraining.Plan, model);
        Assert.Equal((5e-4, 1.0, model.parameters().Count()), (plain[0].WeightDecay, plain[0].LearningRateScale, Assert.Single(plain).Parameters.Length));

        var plan = ToyTraining.Plan with { NormBiasRate = 64, DecoupledWeightDecay = true, WeightDecay = 0.002, DecayNormAndBias = false, LearningRate = 0.5 };
        var groups = Sio.Training.ParameterGroups.Of(plan, model);
        Assert.Equal([(0.004, 1.0), (0.0, 1.0), (0.0, 64.0)], groups.Select(group => (group.WeightDecay, group.LearningRateScale)));
        var shifts = model.named_parameters().Where(entry => entry.name.EndsWith("bias", StringComparison.Ordinal) && entry.name != "fc.bias").Select(entry => entry.parameter).ToArray();
        Assert.Equal(shifts, groups[2].Parameters);
        Assert.Equal(model.parameters().Count(), groups.Sum(group => group.Parameters.Length));

        // With decay on all: a step at the base rate takes 0.002 off each weight, whatever its group's rate is.
        var all = Sio.Training.ParameterGroups.Of(plan with { DecayNormAndBias = true }, model);
        Assert.All(all, group => Assert.Equal(0.002, group.WeightDecay * group.LearningRateScale * plan.LearningRate, 1e-15));
    }
}
