using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Tests.Data;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

public sealed class PrecisionTests
{
    [Theory]
    [InlineData(TrainingPrecision.Bfloat16, ImageLayout.Contiguous)]
    [InlineData(TrainingPrecision.Bfloat16, ImageLayout.ChannelsLast)]
    [InlineData(TrainingPrecision.Float32, ImageLayout.ChannelsLast)]
    public void It_learns_and_resumes_bit_for_bit(TrainingPrecision precision, ImageLayout layout)
    {
        var plan = ToyTraining.Plan with { Precision = precision, MemoryFormat = layout };
        using TempFolder whole = new(), cut = new(), plain = new();
        var expected = ToyTraining.Train(new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), whole.Path);
        foreach (var step in new[] { 2, 7, 11 })
            ToyTraining.TrainUntil(step, plan, "resnet8_28x28", cut.Path, resume: true);
        Assert.Equal(expected, ToyTraining.Train(new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic), cut.Path, resume: true));

        using var model = new Trainer(plan with { Epochs = 6 }, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic).Run(plain.Path, resume: false).Model;
        var test = ToyTraining.Images("test", 100);
        using var bank = FeatureBank.Extract(model, test, plan.Normalization);
        Assert.InRange(Accuracy.Compute(bank.Predictions(), test.Labels), 95, 100);
        Assert.All(model.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
    }

    [Fact]
    public void Smaller_types_are_used_and_give_nearly_the_same_loss()
    {
        using TempFolder full = new(), half = new();
        ToyTraining.Train(Trainer(TrainingPrecision.Float32), full.Path);
        ToyTraining.Train(Trainer(TrainingPrecision.Bfloat16), half.Path);
        var (exact, rough) = (Loss(full), Loss(half));
        Assert.NotEqual(exact, rough);
        Assert.Equal(exact, rough, 0.02);

        static Trainer Trainer(TrainingPrecision precision) =>
            new(ToyTraining.Plan with { Precision = precision }, "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic) { LogEverySteps = 1 };

        static double Loss(TempFolder folder) => ToyTraining.Events(folder.Path, "step")[0].GetProperty("loss").GetDouble();
    }

    [Fact]
    public void Float16_is_refused_on_a_CPU()
    {
        using var folder = new TempFolder();
        var trainer = new Trainer(ToyTraining.Plan with { Precision = TrainingPrecision.Float16 }, "lenet", ToyTraining.Real, ToyTraining.Synthetic);
        Assert.Contains("float16 needs a GPU", Assert.Throws<DataException>(() => trainer.Run(folder.Path, resume: false)).Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void The_scale_doubles_after_2000_good_steps_and_halves_at_an_overflow()
    {
        var scaler = new LossScaler();
        Assert.Equal(new LossScale(65536, 0, 0), scaler.State);
        for (var step = 1; step < 2000; step++)
            scaler.Update(finite: true);
        Assert.Equal(new LossScale(65536, 1999, 0), scaler.State);
        scaler.Update(finite: true);
        Assert.Equal(new LossScale(131072, 0, 0), scaler.State);
        scaler.Update(finite: true);
        scaler.Update(finite: false);
        Assert.Equal(new LossScale(65536, 0, 1), scaler.State);
        scaler.Update(finite: false);
        Assert.Equal(new LossScale(32768, 0, 2), scaler.State);
    }

    // On a CPU the scaling can be tried with float32, which it must leave as good as alone; LibTorch has float16 convolutions on GPUs only.
    // Gradients are clipped after the scale has been taken out of them.
    [Theory]
    [InlineData(null)]
    [InlineData(0.1)]
    public void Scaled_steps_are_plain_ones_and_an_overflow_skips_one(double? limit)
    {
        using var scope = NewDisposeScope();
        var plan = ToyTraining.Plan with { RealRatio = 1, LabelSmoothing = 0, Precision = TrainingPrecision.Float16, ClipNorm = limit };
        using (var scaled = TrainingParts.Create(plan, "lenet", ToyTraining.Real, CPU, 10))
        using (var plain = TrainingParts.Create(plan, "lenet", ToyTraining.Real, CPU, 10))
        {
            // float16's scaling, with the computation itself in float32.
            using var half = new TrainingStep(plan, scaled, CPU, 10, new SourceWeights(null, null)) { Computes = TrainingPrecision.Float32 };
            using var full = new TrainingStep(plan with { Precision = TrainingPrecision.Float32 }, plain, CPU, 10, new SourceWeights(null, null));
            using var batch = ToyTraining.Batch(plan);
            var initial = plain.Model.Head.weight.detach().clone();
            var (expected, actual) = (full.Take(batch), half.Take(batch, detailed: true));
            Assert.Equal(expected.Loss, actual.Loss);
            Assert.True(actual.Details!.GradientNorm > 2 * (limit ?? 0));
            Assert.True((initial - plain.Model.Head.weight).abs().max().ToDouble() > 1e-4);
            Assert.True((scaled.Model.Head.weight - plain.Model.Head.weight).abs().max().ToDouble() < 1e-6);
            Assert.Equal(1, half.Scaler!.State.GoodSteps);

            // More than float32 holds.
            half.Scaler.State = new LossScale(Math.Pow(2, 130), 5, 0);
            var unchanged = scaled.Model.Head.weight.detach().clone();
            var outcome = half.Take(batch, detailed: true);
            Assert.Null(outcome.Details!.GradientNorm);
            Assert.True(double.IsFinite(outcome.Loss));
            Assert.Equal(new LossScale(Math.Pow(2, 129), 0, 1), half.Scaler.State);
            Assert.True(unchanged.ValuesEqual(scaled.Model.Head.weight));
        }
    }
}
